package severafake

import "net/http"

// registerRoutes are the registers that a connector looks things up in.
func (s *Server) registerRoutes() {
	active := is("isActive")
	s.serve("customers", map[string]filter{"numbers": is("number"), "isActive": active, "isInternal": is("isInternal"), "vatNumber": is("vatNumber"),
		"emailAddresses": is("email"), "customerNames": is("name")})
	s.serve("projects", map[string]filter{"projectGuids": is("guid"), "numbers": is("number"), "isClosed": is("isClosed"), "internal": is("isInternal"),
		"customerGuids": is("customer.guid"), "businessUnitGuids": is("businessUnit.guid")})
	s.serve("products", map[string]filter{"code": is("code"), "type": is("type"), "isActive": active})
	s.serve("worktypes", map[string]filter{"code": is("code"), "active": active, "productive": is("isProductive")})
	s.serve("businessunits", map[string]filter{"code": is("code"), "name": is("name"), "active": active, "companyGuid": is("companyGuid")})
	s.serve("costcenters", map[string]filter{"identifier": is("identifier"), "name": is("name"), "active": active})
	s.serve("invoicestatuses", map[string]filter{"active": active})
	s.serve("currencies", map[string]filter{"active": active})
	s.serve("localization/countries", nil)
	s.serve("users", map[string]filter{"code": is("code"), "email": is("email"), "isActive": active})
	for name, refs := range map[string]map[string]string{
		"customers": {}, "products": {}, "worktypes": {}, "businessunits": {}, "costcenters": {},
		"projects": {"businessUnit": "businessunits", "costCenter": "costcenters"},
	} {
		s.patch(name, refs, nil)
	}
	s.serveOf("/v1/projects/{projectGuid}/projectbillingcustomers", "projects", "projectGuid", "projectbillingcustomers",
		func(o Object, guid string) bool { return text(o, "project.guid") == guid }, nil)
	s.serveOf("/v1/projects/{projectGuid}/flatrates", "projects", "projectGuid", "flatrates",
		func(o Object, guid string) bool { return text(o, "project.guid") == guid }, nil)
	s.serveOf("/v1/customers/{customerGuid}/customercountrysettings", "customers", "customerGuid", "customercountrysettings",
		func(o Object, guid string) bool { return text(o, "customer.guid") == guid }, nil)
	s.handle("GET /v1/organizationdetails", func(w http.ResponseWriter, r *http.Request) {
		if list := s.things["organizationdetails"]; len(list) > 0 {
			s.reply(w, r, list[0])
			return
		}
		s.refuse(w, http.StatusNotFound, "InvalidRequest", "no organization")
	})
}

// A World is what [Server.Furnish] has put there, by guid.
type World struct {
	// Statuses of invoices: being made, chosen to be fetched, after the transfer, paid.
	Draft, Waiting, Transferred, Paid string
	// Company and the business unit at its root, another unit of it, and a project of
	// each; a customer, a consultancy's own cost centre.
	Company, Root, Unit      string
	Project, OtherProject    string
	Customer, CostCentre     string
	Euro, Krona, Dollar      string
	Product, Material        string
	WorkType, Finland, Spain string
}

// Furnish puts the registers of a small company there: Suunnittelutoimisto Kuusi Oy
// with the business id 2345678-0 unless another is given.
func (s *Server) Furnish(businessID string) World {
	if businessID == "" {
		businessID = "2345678-0"
	}
	var w World
	w.Finland = s.Put("localization/countries", Object{"name": "Suomi", "englishName": "Finland", "code2": "FI", "code3": "FIN", "isInEU": true})
	w.Spain = s.Put("localization/countries", Object{"name": "Espanja", "englishName": "Spain", "code2": "ES", "code3": "ESP", "isInEU": true})
	for _, c := range []struct {
		guid             *string
		code, name, rate string
	}{{&w.Euro, "EUR", "Euro", "1"}, {&w.Krona, "SEK", "Ruotsin kruunu", "11.2"}, {&w.Dollar, "USD", "Yhdysvaltain dollari", "1.1"}} {
		*c.guid = s.Put("currencies", Object{"code": c.code, "name": c.name, "rate": Number(c.rate), "symbol": c.code, "isActive": true, "isOrganizationCurrency": c.code == "EUR"})
	}
	for i, st := range []struct {
		guid       *string
		name       string
		sent, paid bool
	}{{&w.Draft, "Luonnos", false, false}, {&w.Waiting, "Odottaa siirtoa Procountoriin", true, false}, {&w.Transferred, "Siirretty Procountoriin", true, false}, {&w.Paid, "Maksettu", true, true}} {
		*st.guid = s.Put("invoicestatuses", Object{"name": st.name, "isActive": true, "isDefault": i == 0, "isReadOnly": i > 0, "hasInvoiceNumber": i > 0, "isSent": st.sent,
			"isWaitingPayment": st.sent && !st.paid, "isPaid": st.paid, "isDefaultForCreditNote": false, "sortOrder": i})
	}
	w.CostCentre = s.Put("costcenters", Object{"name": "Suunnittelu", "identifier": "200", "isActive": true, "isDefault": true})
	w.Company, w.Root, w.Unit = s.NewCompany("Suunnittelutoimisto Kuusi Oy", businessID)
	s.Put("organizationdetails", Object{"name": "Suunnittelutoimisto Kuusi Oy", "vatNumber": businessID, "isVatRegistered": true, "address": "Kuusitie 6", "postalCode": "00100", "city": "Helsinki",
		"country": Object{"name": "Suomi", "code": "FIN", "guid": w.Finland, "englishName": "Finland"}, "activeAddons": []string{},
		"activeCompanies": []Object{{"name": "Suunnittelutoimisto Kuusi Oy", "guid": w.Company, "rootBusinessUnitGuid": w.Root, "currencyCode": "EUR", "currencyRate": 1, "currencySymbol": "€",
			"country": Object{"name": "Suomi", "guid": w.Finland, "code3": "FIN", "englishName": "Finland"}}}})
	w.Product = s.Put("products", Object{"name": "Lupamaksu", "code": "LUPA", "type": "FixedFees", "isActive": true})
	w.Material = s.Put("products", Object{"name": "Lauta", "code": "LAUTA", "type": "Materials", "isActive": true})
	w.WorkType = s.Put("worktypes", Object{"name": "Suunnittelu", "code": "SUUN", "isActive": true, "isProductive": true, "isDefault": true})
	w.Customer = s.NewCustomer(101, "Rantalan Veistämö Ky", "FI12345671")
	w.Project = s.NewProject(1, "Satama", w.Customer, w.Root)
	w.OtherProject = s.NewProject(2, "Silta", w.Customer, w.Unit)
	return w
}

// NewCompany makes a company with two business units: at its root, and below it.
func (s *Server) NewCompany(name, businessID string) (company, root, unit string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	company = s.guid()
	root = s.put("businessunits", Object{"name": name, "isActive": true, "vatNumber": businessID, "companyGuid": company, "companyName": name, "code": "Y" + businessID[:3]})
	unit = s.put("businessunits", Object{"name": name + " / kenttä", "isActive": true, "parentGuid": root, "companyGuid": company, "companyName": name, "companyBusinessUnitGuid": root, "code": "K" + businessID[:3]})
	return company, root, unit
}

// AddCompany makes a company of the same organization.
func (s *Server) AddCompany(name, businessID string) (company, root, unit string) {
	company, root, unit = s.NewCompany(name, businessID)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.change("organizationdetails", text(s.things["organizationdetails"][0], "guid"), func(o Object) {
		list, _ := o["activeCompanies"].([]any)
		o["activeCompanies"] = append(list, Object{"name": name, "guid": company, "rootBusinessUnitGuid": root, "currencyCode": "EUR", "currencyRate": 1})
	})
	return company, root, unit
}

// NewCustomer makes a customer.
func (s *Server) NewCustomer(number int, name, vatNumber string) string {
	return s.Put("customers", Object{"name": name, "number": number, "vatNumber": vatNumber, "isActive": true, "isInternal": false, "email": "",
		"headquarterAddress": Object{"guid": "", "addressline": "Rantatie 3", "postalCode": "20100", "city": "Turku", "country": "Suomi"}})
}

// NewProject makes a project of a customer in a business unit.
func (s *Server) NewProject(number int, name, customer, unit string) string {
	return s.Put("projects", Object{"name": name, "number": number, "isClosed": false, "isInternal": false,
		"customer": s.Ref("projects", "customer", "customers", customer), "businessUnit": s.Ref("projects", "businessUnit", "businessunits", unit)})
}
