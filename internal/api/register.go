package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/vienti/vienti/internal/register"
	"github.com/vienti/vienti/internal/store"
)

// Registers say how old our copy of the company's registers is.
type Registers struct {
	Version int    `json:"version" doc:"Rises whenever something in them has changed."`
	ReadAt  string `json:"read_at,omitempty" format:"date-time" doc:"When they were read from Procountor; not there before the first time."`
}

// Accounts of the company.
type Accounts struct {
	Registers
	Accounts []Account `json:"accounts"`
}

// An Account of Procountor's chart.
type Account struct {
	Number string `json:"number" example:"3000"`
	Name   string `json:"name" example:"Myynti"`
	Open   bool   `json:"open" doc:"Whether it may be used."`
}

// Dimensions of the company.
type Dimensions struct {
	Registers
	Dimensions []DimensionThere `json:"dimensions"`
}

// A DimensionThere is what the company follows costs by, such as a cost centre.
type DimensionThere struct {
	ID    int64           `json:"id"`
	Name  string          `json:"name" example:"Kustannuspaikka"`
	Items []DimensionItem `json:"items"`
}

// A DimensionItem is one cost centre, one project.
type DimensionItem struct {
	ID   int64  `json:"id"`
	Text string `json:"text" example:"200 Myynti" doc:"Code and name: Procountor has one text for both."`
	Open bool   `json:"open"`
}

// Products of the company.
type Products struct {
	Registers
	Products []ProductThere `json:"products"`
}

// A ProductThere is a product of Procountor's register.
type ProductThere struct {
	ID   int64  `json:"id"`
	Code string `json:"code,omitempty"`
	Name string `json:"name"`
	Side string `json:"side" enum:"sales,purchases"`
	Open bool   `json:"open"`
}

// Persons of the company.
type Persons struct {
	Registers
	Persons []PersonThere `json:"persons"`
}

// A PersonThere is a person of Procountor's register, whose claims may be moved.
type PersonThere struct {
	ID     int64  `json:"id"`
	Number string `json:"number,omitempty" doc:"The person number. It is the number of the seller of a travel invoice."`
	Name   string `json:"name"`
	Open   bool   `json:"open"`
}

// VATThere is which VAT the company has switched on.
type VATThere struct {
	Registers
	Rates    []VATRateThere   `json:"rates"`
	Statuses []VATStatusThere `json:"statuses"`
}

// A VATRateThere is a percentage.
type VATRateThere struct {
	Percent   string `json:"percent" example:"25.5"`
	Sales     bool   `json:"sales"`
	Purchases bool   `json:"purchases"`
}

// A VATStatusThere is a VAT status; its number means something in this company only.
type VATStatusThere struct {
	Number    int    `json:"number"`
	Name      string `json:"name"`
	Sales     bool   `json:"sales"`
	Purchases bool   `json:"purchases"`
}

// BankAccounts of the company.
type BankAccounts struct {
	Registers
	BankAccounts []BankAccountThere `json:"bank_accounts"`
}

// A BankAccountThere is one of the company's own.
type BankAccountThere struct {
	IBAN     string `json:"iban"`
	BIC      string `json:"bic,omitempty"`
	Currency string `json:"currency,omitempty"`
	Default  bool   `json:"default" doc:"The one that invoices print."`
	Open     bool   `json:"open"`
}

// A RegisterNews is what has changed since a version.
type RegisterNews struct {
	Registers
	Whole   bool             `json:"whole" doc:"Whether every change since then is here. If not, read the registers anew."`
	Changes []RegisterChange `json:"changes" doc:"The oldest first."`
}

// A RegisterChange is what became of one entry.
type RegisterChange struct {
	Version  int    `json:"version" doc:"That of the registers in which it first shows."`
	At       string `json:"at" format:"date-time"`
	Register string `json:"register" doc:"account, vat_percent, vat_status, dimension, dimension_item, product, travel_product, bank_account, fiscal_year, tracking_period, partner, company. More may be added."`
	Key      string `json:"key" doc:"The account's or VAT status's number, the id of anything else."`
	Name     string `json:"name"`
	How      string `json:"how" enum:"added,removed,closed,opened,renamed,changed"`
	From     string `json:"from,omitempty"`
	To       string `json:"to,omitempty"`
}

const registersPath = "/v1/registers"

// maxRegisterReadings is how far back changes are told: readings that found any.
const maxRegisterReadings = 200

// readAgain is how long registers that have just been read are not read again.
const readAgain = time.Minute

func (s *server) registers(api huma.API) {
	get := func(name, summary string) huma.Operation {
		return huma.Operation{OperationID: "list-" + name, Method: http.MethodGet, Path: registersPath + "/" + name, Tags: []string{"Registers"}, Summary: summary,
			Description: "From our copy, which is read from Procountor every hour or when somebody asks. Open and closed ones. " +
				"GET /v1/registers/changes says what has changed since a version. Not for tokens for some kinds of documents."}
	}
	registerOf(s, api, get("accounts", "The accounts of Procountor’s chart"), func(_ context.Context, _ string, c *register.Copy, r Registers) (out Accounts, err error) {
		out = Accounts{r, []Account{}}
		for _, a := range c.Accounts {
			out.Accounts = append(out.Accounts, Account{a.Code, a.Name, a.Active})
		}
		return out, nil
	})
	registerOf(s, api, get("dimensions", "The dimensions: cost centres, projects"), func(_ context.Context, _ string, c *register.Copy, r Registers) (out Dimensions, err error) {
		out = Dimensions{r, []DimensionThere{}}
		for _, d := range c.Dimensions {
			there := DimensionThere{d.ID, d.Name, []DimensionItem{}}
			for _, i := range d.Items {
				there.Items = append(there.Items, DimensionItem{i.ID, i.Code, i.Active})
			}
			out.Dimensions = append(out.Dimensions, there)
		}
		return out, nil
	})
	registerOf(s, api, get("products", "The products"), func(_ context.Context, _ string, c *register.Copy, r Registers) (out Products, err error) {
		out = Products{r, []ProductThere{}}
		for _, p := range c.Products {
			side := "purchases"
			if p.Sales {
				side = "sales"
			}
			out.Products = append(out.Products, ProductThere{p.ID, p.Code, p.Name, side, p.Active})
		}
		return out, nil
	})
	registerOf(s, api, get("persons", "The persons whose claims may be moved"), func(ctx context.Context, company string, _ *register.Copy, r Registers) (out Persons, err error) {
		out = Persons{r, []PersonThere{}}
		list, err := store.ReadOne(ctx, s.store, func(tx *store.Tx) ([]register.Partner, error) { return tx.Partners(company, register.Person) })
		for _, p := range list {
			out.Persons = append(out.Persons, PersonThere{p.ID, p.CustomerNumber, p.Name, p.Active})
		}
		return out, err
	})
	registerOf(s, api, get("vat", "The VAT rates and statuses that are switched on"), func(_ context.Context, _ string, c *register.Copy, r Registers) (out VATThere, err error) {
		out = VATThere{r, []VATRateThere{}, []VATStatusThere{}}
		for _, p := range c.VATPercents {
			out.Rates = append(out.Rates, VATRateThere{p.Percent.Trim(0).String(), p.Sales, p.Purchase})
		}
		for _, v := range c.VATStatuses {
			out.Statuses = append(out.Statuses, VATStatusThere{v.Number, v.Description, v.Sales, v.Purchase})
		}
		return out, nil
	})
	registerOf(s, api, get("bank-accounts", "The company’s own bank accounts"), func(_ context.Context, _ string, c *register.Copy, r Registers) (out BankAccounts, err error) {
		out = BankAccounts{r, []BankAccountThere{}}
		for _, b := range c.BankAccounts {
			out.BankAccounts = append(out.BankAccounts, BankAccountThere{b.IBAN, b.BIC, string(b.Currency), b.DefaultForInvoice, b.Active})
		}
		return out, nil
	})
	s.registerChanges(api)
}

// registerOf is the operation of one register.
func registerOf[T any](s *server, api huma.API, op huma.Operation, show func(context.Context, string, *register.Copy, Registers) (T, error)) {
	huma.Register(api, op, func(ctx context.Context, _ *struct{}) (*answer[T], error) {
		company := connectionOf(ctx).Company
		c, err := s.engine.Registers(ctx, company)
		if err != nil {
			return nil, s.trouble(ctx, op.OperationID, err)
		}
		out, err := show(ctx, company, c, registersOf(c))
		if err != nil {
			return nil, s.trouble(ctx, op.OperationID, err)
		}
		return &answer[T]{Status: http.StatusOK, Body: out}, nil
	})
}

func registersOf(c *register.Copy) Registers {
	r := Registers{Version: c.Version}
	if !c.FetchedAt.IsZero() {
		r.ReadAt = c.FetchedAt.UTC().Format(time.RFC3339)
	}
	return r
}

type sinceQuery struct {
	Since int `query:"since" minimum:"0" doc:"The version that you have; 0 for all that is known."`
}

func (s *server) registerChanges(api huma.API) {
	changes := huma.Operation{OperationID: "list-register-changes", Method: http.MethodGet, Path: registersPath + "/changes", Tags: []string{"Registers"},
		Summary:     "What has changed in the registers since a version",
		Description: "Accounts that were closed, products that were added, items that were renamed: what to align your own register with. Not for tokens for some kinds of documents."}
	huma.Register(api, changes, func(ctx context.Context, in *sinceQuery) (*answer[RegisterNews], error) {
		company := connectionOf(ctx).Company
		c, err := s.engine.Registers(ctx, company)
		if err != nil {
			return nil, s.trouble(ctx, "list register changes", err)
		}
		var readings []store.RegisterReading
		if err := s.store.Read(ctx, func(tx *store.Tx) (err error) {
			if readings, err = tx.RegisterMoments(company, maxRegisterReadings); err != nil {
				return err
			}
			for i := range readings {
				if readings[i].Version > in.Since {
					if err := tx.LoadChanges(&readings[i]); err != nil {
						return err
					}
				}
			}
			return nil
		}); err != nil {
			return nil, s.trouble(ctx, "list register changes", err)
		}
		out := RegisterNews{Registers: registersOf(c), Changes: []RegisterChange{}, Whole: len(readings) < maxRegisterReadings}
		for i := len(readings) - 1; i >= 0; i-- {
			r := &readings[i]
			if r.Version <= in.Since {
				out.Whole = true
			}
			for _, ch := range r.Changes {
				out.Changes = append(out.Changes, RegisterChange{r.Version, r.At.UTC().Format(time.RFC3339), string(ch.What), ch.Key, ch.Name, string(ch.How), ch.From, ch.To})
			}
		}
		return &answer[RegisterNews]{Status: http.StatusOK, Body: out}, nil
	})
	read := huma.Operation{OperationID: "read-registers", Method: http.MethodPost, Path: registersPath + "/read", Tags: []string{"Registers"}, DefaultStatus: http.StatusOK,
		Summary: "Read the registers from Procountor now",
		Description: "They are read every hour by themselves. Use it after somebody has added an account, an item or a product in Procountor. " +
			"What was read within the last minute is not read again. Not for tokens for some kinds of documents."}
	huma.Register(api, read, func(ctx context.Context, _ *struct{}) (*answer[Registers], error) {
		conn := connectionOf(ctx)
		c, err := s.engine.Registers(ctx, conn.Company)
		if err == nil && s.now().Sub(c.FetchedAt) >= readAgain {
			if err = s.engine.ReadNow(ctx, "source", conn.Company); err == nil {
				c, err = s.engine.Registers(ctx, conn.Company)
			}
		}
		if err != nil {
			return nil, s.trouble(ctx, "read registers", err)
		}
		return &answer[Registers]{Status: http.StatusOK, Body: registersOf(c)}, nil
	})
}
