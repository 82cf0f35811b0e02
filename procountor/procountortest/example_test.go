package procountortest_test

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/vienti/vienti/internal/faulty"
	"github.com/vienti/vienti/procountor/procountortest"
)

// The first answer to a posted invoice is lost although the invoice is stored.
func Example() {
	srv := procountortest.New(procountortest.Options{})
	defer srv.Close()
	srv.PlanFault(faulty.Rule{Method: http.MethodPost, Path: "=/invoices", Nth: 1, Fault: faulty.Fault{Kind: faulty.After}})

	demo := srv.Demo()
	resp, err := srv.Client().PostForm(procountortest.BaseURL+"/oauth/token", url.Values{
		"grant_type": {"client_credentials"}, "client_id": {demo.ClientID}, "client_secret": {demo.ClientSecret}, "api_key": {demo.APIKey},
	})
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	fmt.Println(resp.Status, resp.Header.Get("X-Procountor-Sandbox"))
	fmt.Println(len(srv.Invoices(demo.CompanyID)), srv.Requests()["issueToken"])
	// Output:
	// 200 OK 26.04-1
	// 0 1
}
