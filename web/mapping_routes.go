package web

// mappingRoutes are the editor of the mapping, its versions, and the rules as everybody reads them.
func mappingRoutes() []route {
	return []route{
		{pattern: "GET /mapping", access: admin, handle: (*Server).showMapping},
		{pattern: "POST /mapping", access: admin, handle: (*Server).saveMapping},
		{pattern: "POST /mapping/edit", access: admin, handle: (*Server).editMapping},
		{pattern: "POST /mapping/check", access: admin, handle: (*Server).checkDraft},
		{pattern: "POST /mapping/try", access: admin, handle: (*Server).tryDraft},
		{pattern: "POST /mapping/field", access: admin, handle: (*Server).setMappingField},
		{pattern: "POST /mapping/preview", access: admin, handle: (*Server).previewDraft},
		{pattern: "GET /mapping/preview/{id}", access: admin, handle: (*Server).showMappingPreview, any: "admins see every preview"},
		{pattern: "GET /mapping/words", access: admin, handle: (*Server).showMappingWords},
		{pattern: "GET /mapping/versions", access: admin, handle: (*Server).listMappingVersions},
		{pattern: "GET /mapping/versions/{n}", access: admin, handle: (*Server).showMappingVersion},
		{pattern: "POST /mapping/versions/{n}/rollback", access: admin, handle: (*Server).rollBackMapping},
		{pattern: "GET /rules", access: rep, handle: (*Server).showRules},
		{pattern: "GET /rules/{section}", access: admin, handle: (*Server).showRuleSection},
		{pattern: "POST /rules/{section}", access: admin, handle: (*Server).changeRules},
	}
}
