package procountortest_test

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/vienti/vienti/procountor/procountortest"
)

// A token, then an answer that is lost although the request was carried out.
func Example() {
	srv := procountortest.New(procountortest.Options{})
	defer srv.Close()
	demo := srv.Demo()
	resp, err := srv.Client().PostForm(procountortest.BaseURL+"/oauth/token", url.Values{
		"grant_type": {"client_credentials"}, "client_id": {demo.ClientID}, "client_secret": {demo.ClientSecret}, "api_key": {demo.APIKey},
	})
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	fmt.Println(resp.Status, resp.Header.Get("X-Procountor-Sandbox"))

	srv.PlanFault(procountortest.Rule{Method: http.MethodPost, Path: "=/invoices", Nth: 1, Fault: procountortest.Fault{Kind: procountortest.FaultAfter}})
	_, err = srv.Client().Post(procountortest.BaseURL+"/invoices", "application/json", nil)
	fmt.Println(err != nil, srv.Requests()["saveInvoice"])
	// Output:
	// 200 OK 26.04-1
	// true 1
}
