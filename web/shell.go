package web

// shellRoutes are what belongs to no area: searching everywhere, the look, and how it all works.
func shellRoutes() []route {
	return []route{
		{pattern: "GET /search", access: rep, handle: (*Server).showSearch},
		{pattern: "GET /help", access: rep, handle: (*Server).showHelp},
		{pattern: "POST /settings/theme", access: rep, handle: (*Server).setTheme},
		{pattern: "GET /tasks", access: rep, handle: (*Server).showTasks},
		{pattern: "GET /unreplied", access: rep, handle: (*Server).showUnreplied},
		{pattern: "GET /cold", access: rep, handle: (*Server).showCold},
	}
}
