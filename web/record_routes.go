package web

// pageOfRecordRoutes are what people do on the pages of leads, contacts, accounts, activities and deals.
func pageOfRecordRoutes() []route {
	return []route{
		{pattern: "POST /people/{id}/owner", access: rep, handle: (*Server).reassignPerson, of: personRecord},
		{pattern: "POST /people/{id}/contact", access: rep, handle: (*Server).saveConsent, of: personRecord},
		{pattern: "POST /people/{id}/exclude", access: admin, handle: (*Server).excludePerson, of: personRecord},
		{pattern: "POST /people/{id}/comments", access: rep, handle: (*Server).commentOnPerson, of: personRecord},
		{pattern: "GET /people/{id}/convert", access: rep, handle: (*Server).showConversion, of: personRecord},
		{pattern: "POST /people/{id}/convert", access: rep, handle: (*Server).doConvert, of: personRecord},
		{pattern: "POST /conversions/{id}/undo", access: rep, handle: (*Server).undoConversionPage, of: conversionRecord},
		{pattern: "GET /people/{id}/merge", access: rep, handle: (*Server).showPersonMerge, of: personRecord},
		{pattern: "POST /people/{id}/merge", access: rep, handle: (*Server).mergePerson, of: personRecord},
		{pattern: "GET /accounts/{id}/merge", access: rep, handle: (*Server).showAccountMerge, of: accountRecord},
		{pattern: "POST /accounts/{id}/merge", access: rep, handle: (*Server).mergeAccount, of: accountRecord},
		{pattern: "POST /merges/{id}/undo", access: admin, handle: (*Server).undoMergePage, of: mergeRecord},
		{pattern: "POST /accounts/{id}/owner", access: rep, handle: (*Server).reassignAccount, of: accountRecord},
		{pattern: "POST /accounts/{id}/comments", access: rep, handle: (*Server).commentOnAccount, of: accountRecord},
		{pattern: "POST /comments/{id}", access: rep, handle: (*Server).changeComment, of: commentRecord},
		{pattern: "GET /activities/{id}/people", access: rep, handle: (*Server).showFiling, of: activityRecord},
		{pattern: "POST /activities/{id}/people", access: rep, handle: (*Server).filePeople, of: activityRecord},
		{pattern: "POST /activities/{id}/people/rule", access: rep, handle: (*Server).offerFilingRule, of: activityRecord},
		{pattern: "GET /opportunities/new", access: rep, handle: (*Server).newOpportunity},
		{pattern: "POST /opportunities", access: rep, handle: (*Server).createOpportunity},
		{pattern: "GET /opportunities/{id}", access: rep, handle: (*Server).showOpportunity, of: opportunityRecord},
		{pattern: "POST /opportunities/{id}", access: rep, handle: (*Server).updateOpportunity, of: opportunityRecord},
		{pattern: "POST /opportunities/{id}/delete", access: admin, handle: (*Server).deleteOpportunity, of: opportunityRecord},
		{pattern: "GET /contracts/new", access: rep, handle: (*Server).newContract},
		{pattern: "POST /contracts", access: rep, handle: (*Server).createContract},
		{pattern: "GET /contracts/{id}", access: rep, handle: (*Server).showContract, of: contractRecord},
		{pattern: "POST /contracts/{id}", access: rep, handle: (*Server).updateContract, of: contractRecord},
		{pattern: "POST /contracts/{id}/delete", access: admin, handle: (*Server).deleteContract, of: contractRecord},
	}
}
