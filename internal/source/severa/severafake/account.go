package severafake

// accountRoutes are the registers of accounts.
func (s *Server) accountRoutes() {
	active := is("isActive")
	s.serve("salesaccounts", map[string]filter{"active": active})
	s.serve("bankaccounts", map[string]filter{"active": active, "companyGuid": is("company.guid"), "businessUnitGuid": is("businessUnit.guid")})
}

// NewSalesAccount makes a sales account.
func (s *Server) NewSalesAccount(number, name string) string {
	return s.Put("salesaccounts", Object{"name": name, "number": number, "isActive": true, "isProductDefault": false, "isWorkTypeDefault": false, "isTravelTypeDefault": false})
}

// NewBankAccount makes a bank account of the organization.
func (s *Server) NewBankAccount(number string) string {
	return s.Put("bankaccounts", Object{"bankName": "Nordea", "accountNumber": number, "accountNumberFormat": "Iban", "isActive": true})
}
