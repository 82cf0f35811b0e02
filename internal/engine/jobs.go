package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"

	"github.com/vienti/vienti/internal/hub"
	"github.com/vienti/vienti/internal/store"
)

// River's figures; the reasons were measured and stand in docs/decisions.
const (
	pollInterval  = 250 * time.Millisecond
	fetchCooldown = 50 * time.Millisecond
	maxWorkers    = 20
	// jobBudget is how long one job goes on taking slices of a company before it
	// lets others have the worker; jobTimeout ends a job that hangs.
	jobBudget    = 2 * time.Minute
	jobTimeout   = 8 * time.Minute
	rescueAfter  = 10 * time.Minute
	keepFinished = time.Hour
	// sweepEvery catches lost wake-ups and the work of nodes that have died.
	sweepEvery = 15 * time.Second
	// soon is near enough to be done by the job that is running.
	soon = 300 * time.Millisecond
)

// wakeArgs wake the engine for one company. Only one such job exists at a time
// for a company: work that comes while it runs is found before it ends.
type wakeArgs struct {
	Company string `json:"company" river:"unique"`
}

func (wakeArgs) Kind() string { return "wake" }

func (wakeArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{MaxAttempts: 25, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateRetryable, rivertype.JobStateScheduled}}}
}

// alarmArgs wake it at a later moment; one per company and second.
type alarmArgs struct {
	Company string `json:"company" river:"unique"`
	At      int64  `json:"at" river:"unique"`
}

func (alarmArgs) Kind() string { return "alarm" }

func (alarmArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{MaxAttempts: 25, UniqueOpts: river.UniqueOpts{ByArgs: true}}
}

// pullArgs read one source. Only one such job exists at a time for a connection.
type pullArgs struct {
	Connection string `json:"connection" river:"unique"`
}

func (pullArgs) Kind() string { return "pull" }

func (pullArgs) InsertOpts() river.InsertOpts {
	o := wakeArgs{}.InsertOpts()
	o.MaxAttempts = 1 // the schedule tries again
	return o
}

// tellArgs tell one webhook what is due. Only one such job exists at a time for a webhook.
type tellArgs struct {
	Webhook string `json:"webhook" river:"unique"`
}

func (tellArgs) Kind() string { return "tell" }

func (tellArgs) InsertOpts() river.InsertOpts {
	o := wakeArgs{}.InsertOpts()
	o.MaxAttempts = 1 // the sweep finds what is due
	return o
}

// Jobs wakes an engine by River: a unique job per company with work, on
// whichever node, and a sweep for what is lost. The truth about transfers is
// never in a job.
type Jobs struct {
	e      *Engine
	client *river.Client[*sql.Tx]

	stop    context.CancelFunc
	stopped sync.WaitGroup
	masked  time.Time // when payroll was last looked at whose time of keeping is over
}

// NewJobs prepares River's tables and makes e wake itself through them. Nothing
// runs before [Jobs.Start].
func NewJobs(ctx context.Context, e *Engine) (*Jobs, error) {
	var driver riverdriver.Driver[*sql.Tx] = riversqlite.New(e.store.DB())
	if e.store.Dialect() == store.Postgres {
		driver = riverdatabasesql.New(e.store.DB())
	}
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: quiet(e.log)})
	if err != nil {
		return nil, fmt.Errorf("prepare jobs: %w", err)
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return nil, fmt.Errorf("prepare jobs: %w", err)
	}
	j := &Jobs{e: e}
	workers := river.NewWorkers()
	river.AddWorker(workers, &wakeWorker{jobs: j})
	river.AddWorker(workers, &alarmWorker{jobs: j})
	river.AddWorker(workers, &pullWorker{jobs: j})
	river.AddWorker(workers, &tellWorker{jobs: j})
	j.client, err = river.NewClient(driver, &river.Config{
		Workers: workers, Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: maxWorkers}},
		FetchPollInterval: pollInterval, FetchCooldown: fetchCooldown, JobTimeout: jobTimeout, RescueStuckJobsAfter: rescueAfter,
		CompletedJobRetentionPeriod: keepFinished, CancelledJobRetentionPeriod: keepFinished, DiscardedJobRetentionPeriod: 24 * keepFinished,
		Logger: quiet(e.log),
	})
	if err != nil {
		return nil, fmt.Errorf("prepare jobs: %w", err)
	}
	e.o.Wake, e.o.WakeSource, e.o.WakeWebhook = j.wake, j.wakeSource, j.wakeWebhook
	e.store.Announce(j.wakeWebhook)
	return j, nil
}

// quiet lets River's warnings through and not its chatter.
func quiet(l *slog.Logger) *slog.Logger { return slog.New(levelHandler{l.Handler()}) }

type levelHandler struct{ slog.Handler }

func (h levelHandler) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && h.Handler.Enabled(ctx, l)
}

// wake inserts the job in the transaction that made the work. Later moments are
// left to the end of the running step, which sees all of them.
func (j *Jobs) wake(tx *store.Tx, company string, at time.Time) error {
	if at.After(j.e.o.Now().Add(soon)) {
		return nil
	}
	_, err := j.client.InsertTx(tx.Context(), tx.SQL(), wakeArgs{company}, nil)
	return err
}

func (j *Jobs) wakeSource(tx *store.Tx, connection string) error {
	_, err := j.client.InsertTx(tx.Context(), tx.SQL(), pullArgs{connection}, nil)
	return err
}

func (j *Jobs) wakeWebhook(tx *store.Tx, webhook string) error {
	if j.e.o.RenderChange == nil {
		return nil
	}
	_, err := j.client.InsertTx(tx.Context(), tx.SQL(), tellArgs{webhook}, nil)
	return err
}

// Start lets jobs run until Stop. What a process that owned the database alone
// has left running is taken up again at once.
func (j *Jobs) Start(ctx context.Context) error {
	if j.e.store.Dialect() == store.SQLite {
		if err := j.e.store.Tx(ctx, func(tx *store.Tx) error {
			if _, err := tx.Exec(`update river_job set state = 'available' where state = 'running'`); err != nil {
				return err
			}
			return tx.ReleaseAll()
		}); err != nil {
			return fmt.Errorf("take up jobs: %w", err)
		}
	}
	if err := j.client.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("start jobs: %w", err)
	}
	ctx, j.stop = context.WithCancel(context.WithoutCancel(ctx))
	j.stopped.Add(1)
	go func() {
		defer j.stopped.Done()
		j.sweep(ctx)
		tick := time.NewTicker(sweepEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				j.sweep(ctx)
			}
		}
	}()
	return nil
}

// Stop lets every request that is under way come to its end, begins no other,
// and waits for that as long as ctx allows. What is left stands in the database.
func (j *Jobs) Stop(ctx context.Context) error {
	if j.stop != nil {
		j.stop()
	}
	err := j.client.StopAndCancel(ctx)
	done := make(chan struct{})
	go func() { j.stopped.Wait(); close(done) }()
	select {
	case <-done:
		return err
	case <-ctx.Done():
		return errors.Join(err, ctx.Err())
	}
}

// sweep wakes every company whose work is due, and works itself on what has
// been due for a whole round: its job may be that of a node that has died.
func (j *Jobs) sweep(ctx context.Context) {
	now := j.e.o.Now()
	j.sweepSources(ctx, now)
	j.sweepChanges(ctx, now)
	j.sweepOpen(ctx, now)
	j.sweepPayroll(ctx, now)
	due, err := store.ReadOne(ctx, j.e.store, func(tx *store.Tx) (map[string]time.Time, error) { return tx.CompaniesWithWork() })
	if err != nil {
		j.e.log.Warn("sweep", "err", err)
		return
	}
	for company, at := range due {
		if at.After(now) {
			continue
		}
		if now.Sub(at) > 2*sweepEvery {
			if _, err := j.e.Step(ctx, now, company); err != nil {
				j.e.log.Warn("sweep", "company", company, "err", err)
			}
			continue
		}
		if err := j.e.store.Tx(ctx, func(tx *store.Tx) error { return j.wake(tx, company, now) }); err != nil {
			j.e.log.Warn("sweep", "company", company, "err", err)
		}
	}
}

// sweepSources begins the runs of sources that are due.
func (j *Jobs) sweepSources(ctx context.Context, now time.Time) {
	if err := j.e.store.Tx(ctx, func(tx *store.Tx) error {
		due, err := tx.DueSources(now)
		if err != nil {
			return err
		}
		for _, connection := range due {
			if err := j.wakeSource(tx, connection); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		j.e.log.Warn("sweep of sources", "err", err)
	}
}

// sweepOpen wakes the companies in which something that arrived is open and whose history
// is old: that it was paid is known within a minute, although nothing else is to be done.
func (j *Jobs) sweepOpen(ctx context.Context, now time.Time) {
	if err := j.e.store.Tx(ctx, func(tx *store.Tx) error {
		list, err := tx.CompaniesWithOpen(now.Add(-historyFor))
		if err != nil {
			return err
		}
		for _, company := range list {
			if err := j.wake(tx, company, now); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		j.e.log.Warn("sweep of what is open", "err", err)
	}
}

// sweepChanges tells webhooks what is due, and forgets what was told long ago.
func (j *Jobs) sweepChanges(ctx context.Context, now time.Time) {
	if err := j.e.store.Tx(ctx, func(tx *store.Tx) error {
		if _, err := tx.ForgetChanges(now.Add(-j.e.o.KeepChanges)); err != nil {
			return err
		}
		due, err := tx.DueWebhooks(now)
		if err != nil {
			return err
		}
		for _, webhook := range due {
			if err := j.wakeWebhook(tx, webhook); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		j.e.log.Warn("sweep of webhooks", "err", err)
	}
}

type tellWorker struct {
	river.WorkerDefaults[tellArgs]
	jobs *Jobs
}

// Work tells until nothing is due soon, and completes its own job in the transaction that
// looks once more: what was committed while it ran is not lost.
func (w *tellWorker) Work(ctx context.Context, job *river.Job[tellArgs]) error {
	j, end := w.jobs, w.jobs.e.o.Now().Add(jobBudget)
	for {
		next, err := j.e.Deliver(ctx, job.Args.Webhook)
		now := j.e.o.Now()
		if err != nil {
			j.e.log.Warn("tell a webhook", "webhook", job.Args.Webhook, "err", err)
			return nil
		}
		if !next.After(now.Add(soon)) && now.Before(end) && ctx.Err() == nil {
			time.Sleep(max(0, next.Sub(now)))
			continue
		}
		again := false
		err = j.e.store.Tx(context.WithoutCancel(ctx), func(tx *store.Tx) error {
			again = false
			if err := complete(context.WithoutCancel(ctx), j, tx, job); err != nil {
				return err
			}
			due, err := tx.WebhookDue(job.Args.Webhook, now)
			if err == nil && due && ctx.Err() == nil && now.Before(end) {
				again = true
				return errAgain
			}
			return err
		})
		if !again {
			return err
		}
	}
}

type pullWorker struct {
	river.WorkerDefaults[pullArgs]
	jobs *Jobs
}

func (w *pullWorker) Work(ctx context.Context, job *river.Job[pullArgs]) error {
	if _, err := w.jobs.e.Pull(ctx, job.Args.Connection); err != nil {
		w.jobs.e.log.Warn("read a source", "connection", job.Args.Connection, "err", err)
	}
	return nil // the row of the source says when it is tried again
}

// run takes slices of a company until nothing is due any more, or its budget is
// spent, and returns when it wants to go on.
func (j *Jobs) run(ctx context.Context, company string) (next time.Time, err error) {
	end := j.e.o.Now().Add(jobBudget)
	for {
		now := j.e.o.Now()
		next, err = j.e.Step(ctx, now, company)
		if err != nil {
			j.e.log.Warn("step", "company", company, "err", err)
			return next, err
		}
		if now = j.e.o.Now(); next.After(now.Add(soon)) || now.After(end) || ctx.Err() != nil {
			return next, err
		}
		if d := next.Sub(now); d > 0 {
			time.Sleep(d)
		}
	}
}

type wakeWorker struct {
	river.WorkerDefaults[wakeArgs]
	jobs *Jobs
}

// Work runs the engine and completes its own job in the transaction that looks
// for work once more: what was committed while it ran is not lost.
func (w *wakeWorker) Work(ctx context.Context, job *river.Job[wakeArgs]) error {
	j, stopping := w.jobs, ctx
	for {
		next, failed := j.run(ctx, job.Args.Company)
		// The job ends properly also when it was told to stop.
		ctx := context.WithoutCancel(ctx)
		again := false
		err := j.e.store.Tx(ctx, func(tx *store.Tx) error {
			again = false
			// Completing locks the job's row first, so that nobody can find it
			// running while we look.
			if err := complete(ctx, j, tx, job); err != nil {
				return err
			}
			at, ok, err := tx.NextWake(job.Args.Company)
			if err != nil {
				return err
			}
			now := j.e.o.Now()
			c, err := tx.Company(job.Args.Company)
			if err != nil {
				return err
			}
			if c.PausedUntil.After(now) {
				at, ok = c.PausedUntil, true
			}
			if failed != nil || stopping.Err() != nil {
				// Not at once: what has failed would fail again, and another node may
				// be better off.
				return j.alarm(tx, job.Args.Company, now.Add(soon))
			}
			if ok && !at.After(now) && now.Before(job.AttemptedAt.Add(jobBudget)) {
				again = true
				return errAgain
			}
			if ok && at.Before(next) {
				next = at
			}
			return j.alarm(tx, job.Args.Company, next)
		})
		if !again {
			return err
		}
	}
}

var errAgain = errors.New("work came while the job ended")

func (j *Jobs) alarm(tx *store.Tx, company string, at time.Time) error {
	at = at.Truncate(time.Second).Add(time.Second)
	_, err := j.client.InsertTx(tx.Context(), tx.SQL(), alarmArgs{company, at.Unix()}, &river.InsertOpts{ScheduledAt: at})
	return err
}

func complete[T river.JobArgs](ctx context.Context, j *Jobs, tx *store.Tx, job *river.Job[T]) (err error) {
	if j.e.store.Dialect() == store.Postgres {
		_, err = river.JobCompleteTx[*riverdatabasesql.Driver](ctx, tx.SQL(), job)
	} else {
		_, err = river.JobCompleteTx[*riversqlite.Driver](ctx, tx.SQL(), job)
	}
	return err
}

// NextRetry is soon: a failed step has kept its state, and River's own backoff
// grows to hours.
func (w *wakeWorker) NextRetry(*river.Job[wakeArgs]) time.Time {
	return time.Now().UTC().Add(firstWait)
}

type alarmWorker struct {
	river.WorkerDefaults[alarmArgs]
	jobs *Jobs
}

func (w *alarmWorker) Work(ctx context.Context, job *river.Job[alarmArgs]) error {
	return w.jobs.e.store.Tx(ctx, func(tx *store.Tx) error { return w.jobs.wake(tx, job.Args.Company, w.jobs.e.o.Now()) })
}

func (w *alarmWorker) NextRetry(*river.Job[alarmArgs]) time.Time {
	return time.Now().UTC().Add(firstWait)
}

// maskEvery is how often payroll is looked for whose time of keeping is over.
const maskEvery = 24 * time.Hour

func (j *Jobs) sweepPayroll(ctx context.Context, now time.Time) {
	if now.Sub(j.masked) < maskEvery {
		return
	}
	j.masked = now
	list, err := store.ReadOne(ctx, j.e.store, func(tx *store.Tx) ([]hub.Company, error) { return tx.Companies() })
	for _, c := range list {
		if _, err = j.e.MaskPayroll(ctx, c.ID); err != nil {
			break
		}
	}
	if err != nil {
		j.e.log.Warn("sweep of payroll", "err", err)
	}
}
