package dispatch

import (
	"strings"
	"testing"

	"github.com/vienti/vienti/procountor"
)

// A refusal that repeats a personal identity code is kept without it.
func TestWithoutSecrets(t *testing.T) {
	entry := []byte(`{"id":7,"lastName":"Matkaaja","invoicingInfo":{"personNumber":"H-1","identifier":"131052-308T","dateOfBirth":"1952-10-13"}}`)
	said := `{"errors":[{"status":400,"field":"invoicingInfo.identifier","message":"Value of the 'identifier' field is invalid: 131052-308T"}]}`
	e := withoutSecrets(&procountor.Error{Class: procountor.Refused, Status: 400, Body: said,
		Fields: []procountor.FieldError{{Field: "invoicingInfo.identifier", Message: "Value of the 'identifier' field is invalid: 131052-308T"}}}, secretsIn(entry))
	out := failed(e)
	if out.Verdict != Refused || strings.Contains(string(out.Answer)+out.Fault.Code+out.Fault.Value, "131052") {
		t.Errorf("%+v %+v", out, out.Fault)
	}
	if b := string(anonymous(entry)); strings.Contains(b, "131052") || strings.Contains(b, "1952") || !strings.Contains(b, "H-1") {
		t.Errorf("%s", b)
	}
	body, err := identify([]byte(`{"lastName":"Uusi","invoicingInfo":{"personNumber":"H-2"}}`), entry)
	if err != nil || !strings.Contains(string(body), "131052-308T") || !strings.Contains(string(body), "H-2") {
		t.Errorf("%s %v", body, err)
	}
}
