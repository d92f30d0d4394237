package web

import "net/http"

// helpView is how it all works, in four paths that a newcomer can walk.
type helpView struct {
	Latest string // where the activities are whose reasons can be read
	Fill   string // where it stands how far the back-fill is
}

// showHelp is the page of the four paths and of all keys.
func (s *Server) showHelp(w http.ResponseWriter, r *request) error {
	return s.render(w, r, "help", page{Title: r.say.text("help.title"), Nav: "help", Data: s.helpPaths()})
}

func (s *Server) helpPaths() helpView { return helpView{Latest: "/#latest", Fill: "/sources"} }
