package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tsunagu-crm/tsunagu/crm"
)

type accountActivitiesQuery struct {
	ByID
	Paging
	Below  bool   `query:"below" doc:"those of all accounts below it too"`
	Person string `query:"person" maxLength:"200" doc:"id: only what this person took part in"`
	Kind   string `query:"kind" enum:"email,meeting,form,call,note"`
}

// departmentMembers are the members of one window of a company.
type departmentMembers struct {
	Department string       `json:"department" doc:"empty for those of whom it is not known"`
	Members    []crm.Listed `json:"members" nullable:"false"`
}

type accountMembers struct {
	Departments []departmentMembers `json:"departments" nullable:"false" doc:"by name; those without one last"`
	Members     int                 `json:"members" doc:"how many are listed"`
	More        bool                `json:"more" doc:"there are more than 1,000; list-people has them all"`
}

// maxMembers bounds the members that an account's overview shows.
const maxMembers = 1000

// organisationAPI shows an account as a whole: everybody's activities in one line of time, its windows, and what is below it.
func (s *Server) organisationAPI(api huma.API) {
	huma.Register(api, operation("list-account-activities", http.MethodGet, "/accounts/{id}/activities", rep, "List the activities of all members of an account, newest first", http.StatusNotFound), s.apiAccountActivities)
	huma.Register(api, operation("list-account-members", http.MethodGet, "/accounts/{id}/members", rep, "List the members of an account by department, each with where they stand", http.StatusNotFound),
		func(ctx context.Context, in *ByID) (*one[accountMembers], error) {
			if _, err := s.store.GetAccount(ctx, in.ID); err != nil {
				return nil, s.apiError(err)
			}
			m, err := s.membersOf(ctx, in.ID)
			return answer(s, m, err)
		})
	huma.Register(api, operation("list-subsidiaries", http.MethodGet, "/accounts/{id}/subsidiaries", rep, "List the accounts right below an account", http.StatusNotFound),
		func(ctx context.Context, in *struct {
			ByID
			Paging
		}) (*list[crm.Account], error) {
			after, err := in.place(listOfSubsidiaries + in.ID)
			if err != nil {
				return nil, err
			}
			if _, err := s.store.GetAccount(ctx, in.ID); err != nil {
				return nil, s.apiError(err)
			}
			below, next, err := s.store.ListSubsidiaries(ctx, in.ID, after, in.Limit)
			if err != nil {
				return nil, s.apiError(err)
			}
			return listOf(below, cursorFor(listOfSubsidiaries+in.ID, next), "/accounts/"+url.PathEscape(in.ID)+"/subsidiaries", url.Values{"limit": {strconv.Itoa(in.Limit)}}), nil
		})
}

func (s *Server) apiAccountActivities(ctx context.Context, in *accountActivitiesQuery) (*list[crm.ExportedActivity], error) {
	values := url.Values{"below": {yes(in.Below)}, "person": {in.Person}, "kind": {in.Kind}, "limit": {strconv.Itoa(in.Limit)}}
	name := listOfActivities + "/" + in.ID + "?" + values.Encode()
	after, err := in.place(name)
	if err != nil {
		return nil, err
	}
	if _, err := s.store.GetAccount(ctx, in.ID); err != nil {
		return nil, s.apiError(err)
	}
	f := crm.ActivityFilter{Account: in.ID, Below: in.Below, Kind: crm.ActivityKind(in.Kind), After: after, Limit: in.Limit}
	if in.Person != "" {
		f.Account, f.Below, f.Person = "", false, in.Person
	}
	activities, next, err := s.store.ListActivities(ctx, f)
	if err != nil {
		return nil, s.apiError(err)
	}
	items := make([]crm.ExportedActivity, 0, len(activities))
	for _, a := range activities {
		if in.Person == "" || slices.Contains(a.Accounts, in.ID) { // a person may have come from another account
			items = append(items, crm.ExportActivity(a))
		}
	}
	return listOf(items, cursorFor(name, next), "/accounts/"+url.PathEscape(in.ID)+"/activities", values), nil
}

// membersOf are an account's members by department; pages and API share it.
func (s *Server) membersOf(ctx context.Context, account string) (accountMembers, error) {
	out := accountMembers{Departments: []departmentMembers{}}
	people, more, err := s.store.ListPeople(ctx, crm.PeopleFilter{Account: account, Limit: maxMembers})
	if err != nil {
		return out, err
	}
	out.Members, out.More = len(people), more != ""
	place := map[string]int{}
	for _, p := range people {
		st, err := s.standingOf(ctx, p.ID)
		if err != nil {
			return out, err
		}
		i, ok := place[p.Department]
		if !ok {
			i = len(out.Departments)
			place[p.Department] = i
			out.Departments = append(out.Departments, departmentMembers{Department: p.Department})
		}
		out.Departments[i].Members = append(out.Departments[i].Members, crm.Listed{Person: p, Standing: st})
	}
	slices.SortStableFunc(out.Departments, func(a, b departmentMembers) int {
		if (a.Department == "") != (b.Department == "") {
			return strings.Compare(b.Department, a.Department)
		}
		return strings.Compare(a.Department, b.Department)
	})
	return out, nil
}

// refuseAccounts answers what concerns customer organisations with 404 while the lifecycle has them switched off.
func (s *Server) refuseAccounts(api huma.API) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		path := ctx.Operation().Path
		if (path == apiPrefix+"/accounts" || strings.HasPrefix(path, apiPrefix+"/accounts/")) && !s.accountsOn() {
			_ = huma.WriteErr(api, ctx, http.StatusNotFound, s.speakers["en"].text("error.accounts_off"))
			return
		}
		next(ctx)
	}
}
