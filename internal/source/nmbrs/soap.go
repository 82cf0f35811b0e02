package nmbrs

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/vienti/vienti/internal/civil"
	"github.com/vienti/vienti/internal/source"
)

const (
	// perSecond is how many calls Nmbrs takes in one before it delays each of them by half
	// a second (support.nmbrs.nl 205903718).
	perSecond = 150
	// maxAnswer bounds one answer: a journal of 50 000 rows is about 12 MB, and twice that
	// as text inside an answer.
	maxAnswer = 60_000_000
	// maxDescription is how much of a service's description is read: its first element.
	maxDescription = 64_000
	// maxSaid is how much of a refusal is told.
	maxSaid = 300
)

// space is the namespace of the services, by open-source clients that use it for the
// Netherlands and the sandbox alike. What a service says of itself goes before it.
const space = "https://api.nmbrs.nl/soap/v3/"

// retires is the day on which Nmbrs ends SOAP (support.nmbrs.nl 205903718).
var retires = civil.Must("2027-03-01")

// The services that are called.
const (
	companyService = "CompanyService"
	debtorService  = "DebtorService"
)

// client calls the services of one Nmbrs.
type client struct {
	env         source.Env
	base        string // …/soap/v3/
	user, token string
	// domain is that of the account; asked for when it is not given.
	domain string
	spaces map[string]string
}

// A param of a call; they go in the order in which they are documented.
type param struct{ name, value string }

// A refusal is a fault as Nmbrs says it.
type refusal struct {
	call string
	code string // "1003"; "" where the fault has none
	said string
}

func (r *refusal) Error() string {
	return strings.TrimSpace(fmt.Sprintf("%s: %s %s", r.call, r.code, r.said))
}

// call asks for one operation and reads its result into a value, which is left as it is
// where the answer has none.
func (c *client) call(ctx context.Context, service, operation string, params []param, result any) error {
	if err := c.login(ctx); err != nil {
		return err
	}
	return c.send(ctx, service, operation, []param{{"Username", c.user}, {"Token", c.token}, {"Domain", c.domain}}, params, result)
}

// login finds the domain of the account, once, where the options do not name it.
func (c *client) login(ctx context.Context) error {
	if c.domain != "" {
		return nil
	}
	var found struct {
		Domain    string `xml:"Domain"`
		SubDomain string `xml:"SubDomain"`
	}
	if err := c.send(ctx, debtorService, domainCall, []param{{"Username", c.user}, {"Token", c.token}}, nil, &found); err != nil {
		return err
	}
	if c.domain = strings.TrimSpace(found.Domain); c.domain == "" {
		return fmt.Errorf("%w: Nmbrs does not say which domain %s belongs to: write it into the option domain", source.ErrOptions, c.user)
	}
	return nil
}

// send makes one request. A header of two elements is one without a domain.
func (c *client) send(ctx context.Context, service, operation string, header, params []param, result any) error {
	err := c.once(ctx, service, operation, header, params, result)
	if err == nil || ctx.Err() != nil || errors.Is(err, source.ErrBusy) || civil.DayOf(c.env.Now(), time.UTC).Before(retires) {
		return err
	}
	return fmt.Errorf("%w: Nmbrs has announced that its SOAP interface ends on %s: export the journals from Nmbrs and hand them over as files (%w)", source.ErrOptions, retires, err)
}

func (c *client) once(ctx context.Context, service, operation string, header, params []param, result any) error {
	call := service + ":" + operation
	ns, err := c.space(ctx, service)
	if err != nil {
		return err
	}
	element := "AuthHeaderWithDomain"
	if len(header) == 2 {
		element = "AuthHeader"
	}
	var b bytes.Buffer
	b.WriteString(xml.Header + `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Header>`)
	write(&b, element, ns, header)
	b.WriteString(`</soap:Header><soap:Body>`)
	write(&b, operation, ns, params)
	b.WriteString(`</soap:Body></soap:Envelope>`)
	req, err := c.request(ctx, http.MethodPost, service+".asmx", &b)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "text/xml; charset=utf-8")
	req.Header.Set("SOAPAction", `"`+ns+"/"+operation+`"`)
	resp, err := c.do(ctx, req, call)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return fmt.Errorf("%s: %w", call, err)
	}
	if len(body) > maxAnswer {
		return fmt.Errorf("%s: an answer above %d bytes", call, maxAnswer)
	}
	return c.read(call, operation, resp.StatusCode, body, result)
}

// write adds an element with its children.
func write(b *bytes.Buffer, name, ns string, kids []param) {
	fmt.Fprintf(b, `<%s xmlns="`, name)
	_ = xml.EscapeText(b, []byte(ns))
	b.WriteString(`">`)
	for _, k := range kids {
		fmt.Fprintf(b, "<%s>", k.name)
		_ = xml.EscapeText(b, []byte(k.value))
		fmt.Fprintf(b, "</%s>", k.name)
	}
	fmt.Fprintf(b, "</%s>", name)
}

// space is the namespace of a service, as its description says it: whether Sweden's
// services have the same as those of the Netherlands is not published. Where there is no
// description it is that of the Netherlands.
func (c *client) space(ctx context.Context, service string) (string, error) {
	if ns := c.spaces[service]; ns != "" {
		return ns, nil
	}
	req, err := c.request(ctx, http.MethodGet, service+".asmx?WSDL", nil)
	if err != nil {
		return "", err
	}
	resp, err := c.do(ctx, req, service+" description")
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }()
	ns := space + service
	if resp.StatusCode == http.StatusOK {
		d := xml.NewDecoder(io.LimitReader(resp.Body, maxDescription))
		for {
			token, err := d.RawToken()
			if err != nil {
				break
			}
			if start, ok := token.(xml.StartElement); ok {
				for _, a := range start.Attr {
					if a.Name.Local == "targetNamespace" && strings.HasSuffix(a.Value, "/"+service) {
						ns = a.Value
					}
				}
				break
			}
		}
	}
	if c.spaces == nil {
		c.spaces = map[string]string{}
	}
	c.spaces[service] = ns
	return ns, nil
}

func (c *client) request(ctx context.Context, method, path string, body *bytes.Buffer) (*http.Request, error) {
	var send io.Reader
	if body != nil {
		send = body
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, send)
	if err != nil {
		return nil, errors.New("the address of Nmbrs cannot be used")
	}
	return req, nil
}

// do sends a request when it is its turn.
func (c *client) do(ctx context.Context, req *http.Request, call string) (*http.Response, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if c.env.Turn != nil {
		if err := c.env.Turn(ctx, "nmbrs/"+c.user, perSecond); err != nil {
			return nil, err
		}
	}
	resp, err := c.env.HTTP.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if u, ok := errors.AsType[*url.Error](err); ok {
			err = u.Err // without the address
		}
		return nil, fmt.Errorf("%s: %w", call, err)
	}
	return resp, nil
}

// errDeclared says that an answer declares a document type: none of Nmbrs' does, and it
// is how entities are defined that grow without end.
var errDeclared = errors.New("the answer declares a document type")

// read finds the result, or the fault, of an answer. Names count, and neither order nor
// namespace: the description that we know is not the vendor's own.
func (c *client) read(call, operation string, status int, body []byte, result any) error {
	d := xml.NewDecoder(bytes.NewReader(body))
	answered := false
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			if status != http.StatusOK {
				return c.class(call, status, &refusal{call: call, said: http.StatusText(status)})
			}
			return fmt.Errorf("%s: the answer is no XML", call) // what it holds may be pay
		}
		switch t := token.(type) {
		case xml.Directive:
			return fmt.Errorf("%s: %w", call, errDeclared)
		case xml.StartElement:
			switch t.Name.Local {
			case "Fault":
				var f struct {
					Text string `xml:"faultstring"`
				}
				if err := d.DecodeElement(&f, &t); err != nil {
					return fmt.Errorf("%s: a fault that cannot be read", call)
				}
				return c.class(call, status, c.refused(call, f.Text))
			case operation + "Response":
				answered = true
			case operation + "Result":
				if err := d.DecodeElement(result, &t); err != nil {
					return fmt.Errorf("%s: the result cannot be read", call)
				}
				return nil
			}
		}
	}
	if status != http.StatusOK || !answered {
		return c.class(call, status, &refusal{call: call, said: "an answer of something else"})
	}
	return nil // nothing there
}

// coded finds Nmbrs' own number of a fault in its text:
// "System.Exception: … ---> 1003: …".
var coded = regexp.MustCompile(`(?:^|---> )\s*(\d{4})\b:?`)

func (c *client) refused(call, text string) *refusal {
	r := &refusal{call: call, said: strings.Join(strings.Fields(text), " ")}
	if m := coded.FindStringSubmatchIndex(r.said); m != nil {
		r.code, r.said = r.said[m[2]:m[3]], strings.TrimLeft(r.said[m[3]:], ": ")
	} else if strings.Contains(r.said, "Invalid combination email/password") {
		r.code = "1000"
	}
	if c.token != "" {
		r.said = strings.ReplaceAll(r.said, c.token, "[secret]")
	}
	if t := []rune(r.said); len(t) > maxSaid {
		r.said = string(t[:maxSaid]) + "…"
	}
	return r
}

// class turns a fault into our few classes of errors. What the numbers mean is not
// published by the vendor in one place; open-source clients agree on them.
func (c *client) class(call string, status int, r *refusal) error {
	switch {
	case r.code == "1000", r.code == "1001":
		return fmt.Errorf("%w: Nmbrs does not take user name and token (%w): make a new token in Nmbrs in the user's own profile, API token", source.ErrDenied, r)
	case r.code == "1002":
		return fmt.Errorf("%w: the user's template in Nmbrs does not allow %s (%w): add it to the template's list of API calls", source.ErrDenied, call, r)
	case r.code == "1003", r.code == "2004":
		return fmt.Errorf("%w: Nmbrs gives no data for %s (%w)", errNoData, call, r)
	case r.code == "1004":
		return fmt.Errorf("%w: Nmbrs says that there is no subscription for %s (%w)", source.ErrDenied, call, r)
	case r.code == "1006":
		return fmt.Errorf("%w: the login security of Nmbrs keeps us out (%w): allow the API user to log in by token", source.ErrDenied, r)
	case len(r.code) == 4 && r.code >= "2001" && r.code <= "2047":
		return fmt.Errorf("%w: Nmbrs does not take what the options say (%w)", source.ErrOptions, r)
	case r.code != "":
		return r
	case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable:
		return &source.BusyError{Reason: r.Error()}
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status >= 300 && status < 400:
		return fmt.Errorf("%w: Nmbrs refuses %s: %d %s", source.ErrDenied, call, status, r.said)
	}
	return r
}

// errNoData is what Nmbrs says of what is blocked, and of what the user has no right to:
// the two cannot be told apart.
var errNoData = fmt.Errorf("%w: blocked, or without right", source.ErrDenied)
