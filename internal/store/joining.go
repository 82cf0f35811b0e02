package store

import (
	"time"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/secret"
)

// A Joining is a company that somebody is connecting on the pages: what has been
// given so far. Its secrets are sealed, and gone when it ends.
type Joining struct {
	ID     string
	Person string
	// Another says that another integration writes to the company so far.
	Another     bool
	Environment hub.Environment
	BaseURL     string // of a sandbox
	ClientID    string
	// Secret is the client's, the zero value for that of a client that is known.
	Secret secret.Secret
	// APIKey is the zero value until somebody has given one.
	APIKey secret.Secret
	// Login is that of a person instead of a key; the zero value until it is there.
	Login Login
	// Again is a company that is there, and is only opened anew; "" for another one.
	Again string
	// ReturnURL is where the browser goes at the end, outside the hub; "" for nowhere.
	ReturnURL string
	// Trial is what the key was found to open, as JSON; "" before it was tried.
	Trial   string
	Created time.Time
}

// joiningFor is how long a connecting that nobody ends is kept: over a weekend, for
// a right may have to be asked of somebody.
const joiningFor = 3 * 24 * time.Hour

// InsertJoining keeps j and gives it its id; those that nobody has ended in days go.
func (tx *Tx) InsertJoining(j *Joining) error {
	if _, err := tx.Exec(`delete from joining where created < $1`, millis(tx.Now().Add(-joiningFor))); err != nil {
		return err
	}
	j.ID, j.Created = tx.store.NewID(), tx.Now()
	sealed, err := tx.sealMaybe("joining/secret/"+j.ID, j.Secret)
	if err != nil {
		return err
	}
	before := "none"
	if j.Another {
		before = "one"
	}
	_, err = tx.Exec(`insert into joining (id, person, before, environment, base_url, client_id, secret, api_key, trial, created, again, return_url)
		values ($1,$2,$3,$4,$5,$6,$7,'','',$8,$9,$10)`, j.ID, j.Person, before, string(j.Environment), j.BaseURL, j.ClientID, sealed, millis(j.Created),
		j.Again, j.ReturnURL)
	return err
}

// Joining returns what a person is connecting; nobody else's.
func (tx *Tx) Joining(id, person string) (j Joining, err error) {
	var before, env, sealed, key, login string
	var created int64
	if err := tx.QueryRow(`select id, person, before, environment, base_url, client_id, secret, api_key, trial, created, again, return_url, login from joining
		where id = $1 and person = $2 and created >= $3`, id, person, millis(tx.Now().Add(-joiningFor))).Scan(
		&j.ID, &j.Person, &before, &env, &j.BaseURL, &j.ClientID, &sealed, &key, &j.Trial, &created, &j.Again, &j.ReturnURL, &login); err != nil {
		return j, err
	}
	j.Another, j.Environment, j.Created = before == "one", hub.Environment(env), momentOf(created)
	if j.Secret, err = tx.openMaybe("joining/secret/"+j.ID, sealed); err != nil {
		return j, err
	}
	if j.Login, err = tx.openLogin("joining/login/"+j.ID, login); err != nil {
		return j, err
	}
	j.APIKey, err = tx.openMaybe("joining/key/"+j.ID, key)
	return j, err
}

// SetJoiningKey keeps the key that somebody has given, and what it was found to
// open. It takes the place of a login; see [Tx.SetJoiningLogin].
func (tx *Tx) SetJoiningKey(id string, key secret.Secret, trial string) error {
	sealed, err := tx.sealMaybe("joining/key/"+id, key)
	if err != nil {
		return err
	}
	return tx.ExecOne(`update joining set api_key = $2, login = '', trial = $3 where id = $1`, id, sealed, trial)
}

// EndJoining forgets it, with its secrets.
func (tx *Tx) EndJoining(id string) error {
	_, err := tx.Exec(`delete from joining where id = $1`, id)
	return err
}

// ClientSecretFor returns the secret of a client that has a company at an
// address, so that nobody need type it again; [ErrNotFound] when there is none. A
// secret goes nowhere where it has not been before.
func (tx *Tx) ClientSecretFor(clientID, baseURL string) (secret.Secret, error) {
	var id, sealed string
	if err := tx.QueryRow(`select k.id, k.secret from client k where k.client_id = $1
		and exists (select 1 from company c where c.client = k.id and c.base_url = $2)`, clientID, baseURL).Scan(&id, &sealed); err != nil {
		return secret.Secret{}, err
	}
	return tx.open("client/"+id, sealed)
}

func (tx *Tx) sealMaybe(row string, s secret.Secret) (string, error) {
	if s.IsZero() {
		return "", nil
	}
	return tx.seal(row, s)
}

func (tx *Tx) openMaybe(row, sealed string) (secret.Secret, error) {
	if sealed == "" {
		return secret.Secret{}, nil
	}
	return tx.open(row, sealed)
}
