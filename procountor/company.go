package procountor

import (
	"context"
	"net/http"
)

// CompanyService is the section "Company" of the API: the company that the key belongs to and its
// settings (REFERENCE 3.11).
type CompanyService struct{ service }

// Get reads the basic data of the company.
func (s *CompanyService) Get(ctx context.Context) (*CompanyInfo, error) {
	return get[*CompanyInfo](ctx, s.c, "/company", nil)
}

// Update replaces the basic data of the company. The answer is only a message.
func (s *CompanyService) Update(ctx context.Context, in *CompanyInfo) error {
	return act(ctx, s.c, http.MethodPut, "/company", in)
}

// UsageSettings reads the company's defaults for invoices.
func (s *CompanyService) UsageSettings(ctx context.Context) (*UsageSettings, error) {
	return get[*UsageSettings](ctx, s.c, "/company/usagesettings", nil)
}

// CirculationSettings reads how purchase invoices and claims go their round.
func (s *CompanyService) CirculationSettings(ctx context.Context) (*CirculationSettings, error) {
	return get[*CirculationSettings](ctx, s.c, "/company/invoicecirculation/settings", nil)
}

// VerifierLists reads the lists of checkers.
func (s *CompanyService) VerifierLists(ctx context.Context) ([]VerifierListInfo, error) {
	return get[[]VerifierListInfo](ctx, s.c, "/company/invoicecirculation/verifierlists", nil)
}

// VerifierList reads one list of checkers with their names.
func (s *CompanyService) VerifierList(ctx context.Context, id int64) (*VerifierList, error) {
	return get[*VerifierList](ctx, s.c, at("company", "invoicecirculation", "verifierlists", id), nil)
}

// CollectionSettings reads the company's reminder fees and interest.
func (s *CompanyService) CollectionSettings(ctx context.Context) (*CollectionSettings, error) {
	return get[*CollectionSettings](ctx, s.c, "/company/expenses/collectionpenal/settings", nil)
}

// EInvoiceAddresses reads how the company sends and receives electronic invoices. The description
// has one object where the name says several; both are read.
func (s *CompanyService) EInvoiceAddresses(ctx context.Context) ([]EInvoiceData, error) {
	v, err := get[oneOrMany[EInvoiceData]](ctx, s.c, "/company/einvoiceaddresses", nil)
	return v, err
}

// InvoiceTemplates reads the layouts of sales invoices. As with EInvoiceAddresses both an object
// and an array are read.
func (s *CompanyService) InvoiceTemplates(ctx context.Context) ([]InvoiceTemplate, error) {
	v, err := get[oneOrMany[InvoiceTemplate]](ctx, s.c, "/company/invoicetemplates", nil)
	return v, err
}

// DeliveryTerms reads the names of the delivery terms.
func (s *CompanyService) DeliveryTerms(ctx context.Context) ([]string, error) {
	v, err := get[struct {
		DeliveryTerms []string `json:"deliveryTerms"`
	}](ctx, s.c, "/company/deliveryterms", nil)
	return v.DeliveryTerms, err
}

// SessionService is the section "Session information" of the API, and its health (REFERENCE 3.16).
type SessionService struct{ service }

// Get says which company and user the key belongs to.
func (s *SessionService) Get(ctx context.Context) (*SessionInfo, error) {
	return get[*SessionInfo](ctx, s.c, "/sessioninfo", nil)
}

// Health asks how the service feels.
func (s *SessionService) Health(ctx context.Context) (*Health, error) {
	return get[*Health](ctx, s.c, "/status", nil)
}

// UsersService is the section "Users" of the API (REFERENCE 3.16).
type UsersService struct{ service }

// Rights reads what the user may do, group by group.
func (s *UsersService) Rights(ctx context.Context) (*Privileges, error) {
	return get[*Privileges](ctx, s.c, "/users/rights", nil)
}

// Get reads the user who is logged in.
func (s *UsersService) Get(ctx context.Context) (*User, error) {
	return get[*User](ctx, s.c, "/users", nil)
}

// Profile reads the name of a user.
func (s *UsersService) Profile(ctx context.Context, userID int64) (*UserProfile, error) {
	return get[*UserProfile](ctx, s.c, at("users", "profiles", userID), nil)
}
