package web

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// campaignsPage lists campaigns with what they brought in a range of time.
type campaignsPage struct {
	Presets []chip
	Period  string
	Rows    []campaignRow
	May     bool // whoever looks may change them
	All     bool // retired ones too
	Costs   bool // numbers are shown: who sees only own records does not see those of everybody
}

// campaignRow is a campaign with its numbers; "–" for what cannot be known.
type campaignRow struct {
	URL, Name, Code, Channel, Days, Budget, Cost, Leads, Meetings, PerLead, PerMeeting string
	LeadsURL, MeetingsURL                                                              string
	Retired                                                                            bool
}

func (s *Server) listCampaignPage(w http.ResponseWriter, r *request) error {
	q := r.URL.Query()
	v := campaignsPage{May: admin.allows(r.user.Role), All: q.Get("all") != "", Costs: r.may.All()}
	chosen := cmp.Or(q.Get("range"), defaultRange)
	for _, name := range []string{"this_month", "last_90d", "last_12m", "fiscal_year", "last_fiscal_year"} {
		v.Presets = append(v.Presets, chip{"/campaigns?range=" + name, r.say.text("range." + name), chosen == name})
	}
	campaigns, err := s.store.ListCampaigns(r.Context())
	if err != nil {
		return err
	}
	perLead, perMeeting := map[string][]crm.Measure{}, map[string][]crm.Measure{}
	bounds := reportAsked{Range: chosen}
	if v.Costs {
		for id, to := range map[crm.ReportID]map[string][]crm.Measure{crm.ReportCostPerLead: perLead, crm.ReportCostPerMeeting: perMeeting} {
			t, err := s.report(r.Context(), reportAsked{ID: string(id), Range: chosen, By: string(crm.ByCampaign)})
			if err != nil {
				return badRequest("error.form")
			}
			for _, k := range t.Keys {
				to[crm.CampaignCode(k.Key)] = k.Values
			}
			bounds.From, bounds.To = t.From, t.To
		}
		v.Period = r.say.text("dash.period", "from", r.say.plannedDay(bounds.From), "to", r.say.plannedDay(bounds.To))
	}
	for i := range campaigns {
		c := &campaigns[i]
		if c.Retired && !v.All {
			continue
		}
		code := crm.CampaignCode(c.Code)
		v.Rows = append(v.Rows, r.say.campaignRow(c, perLead[code], perMeeting[code], bounds))
	}
	return s.render(w, r, "campaigns", page{Title: r.say.text("menu.campaigns"), Nav: "campaigns", Data: v})
}

func (sp *speaker) campaignRow(c *crm.Campaign, lead, meeting []crm.Measure, bounds reportAsked) campaignRow {
	row := campaignRow{URL: "/campaigns/" + c.ID, Name: c.Name, Code: c.Code, Channel: c.Channel, Retired: c.Retired, Budget: "–", Cost: "–", Leads: "0", Meetings: "0", PerLead: "–", PerMeeting: "–"}
	if c.Budget != 0 {
		row.Budget = sp.money(c.Budget)
	}
	if c.Start != "" || c.End != "" {
		row.Days = sp.plannedDay(c.Start) + " – " + sp.plannedDay(c.End)
	}
	behind := func(id crm.ReportID, column string) string {
		return "/reports/" + string(id) + "/list?" + query("column", column, "from", bounds.From, "to", bounds.To, "grain", "month", "by", "none", "campaign", c.Code)
	}
	if lead != nil {
		row.Cost, row.Leads, row.PerLead = sp.measure(lead[0], crm.UnitMoney), sp.measure(lead[1], crm.UnitCount), sp.measure(lead[2], crm.UnitMoney)
		row.LeadsURL = behind(crm.ReportCostPerLead, "leads")
	}
	if meeting != nil {
		row.Meetings, row.PerMeeting = sp.measure(meeting[1], crm.UnitCount), sp.measure(meeting[2], crm.UnitMoney)
		row.MeetingsURL = behind(crm.ReportCostPerMeeting, "meetings_won")
	}
	return row
}

// query writes names and values, in turn, as those of an address.
func query(pairs ...string) string {
	q := map[string][]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		q[pairs[i]] = []string{pairs[i+1]}
	}
	return url.Values(q).Encode()
}

// campaignForm is the page on which a campaign is written.
type campaignForm struct {
	Campaign crm.Campaign
	Budget   string
	Costs    []campaignCost
	New, May bool
	Report   string // its numbers
	formNote
}

// campaignCost is a line of costs as it was entered.
type campaignCost struct{ Day, Amount, Note string }

const moreCosts = 3 // empty lines beneath those that are there

func (s *Server) newCampaign(w http.ResponseWriter, r *request) error {
	f := campaignForm{New: true, May: true, Costs: make([]campaignCost, moreCosts)}
	return s.render(w, r, "campaign", page{Title: r.say.text("campaigns.new"), Nav: "campaigns", Data: f})
}

func (s *Server) showCampaign(w http.ResponseWriter, r *request) error {
	c, err := s.store.GetCampaign(r.Context(), r.PathValue("campaign"))
	if err != nil {
		return err
	}
	f := campaignForm{Campaign: c, May: admin.allows(r.user.Role), Report: "/reports/cost_per_lead?" + query("campaign", c.Code, "by", "none")}
	f.Base = versionOf(c.Updated)
	if c.Budget != 0 {
		f.Budget = strconv.FormatInt(c.Budget, 10)
	}
	for _, cost := range c.Costs {
		f.Costs = append(f.Costs, campaignCost{cost.Day, strconv.FormatInt(cost.Amount, 10), cost.Note})
	}
	if f.May {
		f.Costs = append(f.Costs, make([]campaignCost, moreCosts)...)
	}
	return s.render(w, r, "campaign", page{Title: c.Name, Nav: "campaigns", Data: f})
}

// saveCampaign takes a campaign from its page, a new one or one that is there.
func (s *Server) saveCampaign(w http.ResponseWriter, r *request) error {
	if err := r.readForm(); err != nil {
		return err
	}
	f := campaignForm{May: true, Campaign: crm.Campaign{ID: crm.NewID(), Created: time.Now().UTC()}}
	if id := r.PathValue("campaign"); id != "" {
		c, err := s.store.GetCampaign(r.Context(), id)
		if err != nil {
			return err
		}
		f.Campaign = c
	} else {
		f.New = true
	}
	was, status := f.Campaign, http.StatusUnprocessableEntity
	f.Base, f.Problem = r.PostForm.Get("base"), f.read(r)
	if f.Problem == "" {
		err := s.changeCampaign(r, was, &f)
		if err == nil {
			return backTo(w, r, "/campaigns", "saved")
		}
		words, flawed := r.say.flawIn(err)
		switch {
		case flawed:
			f.Problem = words
		case errors.Is(err, crm.ErrConflict):
			now, err := s.store.GetCampaign(r.Context(), was.ID)
			if err != nil {
				return err
			}
			status, f.Base, f.Problem = http.StatusConflict, versionOf(now.Updated), r.say.text("form.overtaken")
		default:
			return err
		}
	}
	f.Costs = append(f.Costs, make([]campaignCost, moreCosts)...)
	return s.renderStatus(w, r, status, "campaign", page{Title: cmp.Or(f.Campaign.Name, r.say.text("campaigns.new")), Nav: "campaigns", Data: f})
}

// changeCampaign stores what was entered, as a new campaign or as a change of the one that was; crm.ErrConflict if somebody
// overtook the form.
func (s *Server) changeCampaign(r *request, was crm.Campaign, f *campaignForm) error {
	f.Campaign.Updated = time.Now().UTC()
	if f.New {
		return s.store.SaveCampaign(r.Context(), r.user.Email, f.Campaign)
	}
	if overtaken(r.PostForm, was.Updated) {
		return crm.ErrConflict
	}
	_, err := s.store.ChangeCampaign(r.Context(), r.user.Email, crm.Amendment[crm.Campaign]{Was: was, Is: f.Campaign, Base: basis(r.PostForm, was.Updated)})
	return err
}

// read takes what was entered; it gives a sentence about what is no number. A cost of a month is of its first day.
func (f *campaignForm) read(r *request) (problem string) {
	form := r.PostForm
	c := &f.Campaign
	c.Code, c.Name, c.Channel, c.Start, c.End = strings.TrimSpace(form.Get("code")), strings.TrimSpace(form.Get("name")), strings.TrimSpace(form.Get("channel")), form.Get("start"), form.Get("end")
	c.Retired, c.Costs = form.Get("retired") != "", nil
	f.Budget = form.Get("budget")
	var ok bool
	if c.Budget, ok = readAmount(f.Budget); !ok {
		problem = r.say.text("campaigns.bad_amount", "value", shown(f.Budget))
	}
	days, amounts, notes := form["cost_day"], form["cost_amount"], form["cost_note"]
	for i := range min(len(days), len(amounts), len(notes), 5000) {
		line := campaignCost{strings.TrimSpace(days[i]), strings.TrimSpace(amounts[i]), strings.TrimSpace(notes[i])}
		if line.Day == "" && line.Amount == "" && line.Note == "" {
			continue
		}
		f.Costs = append(f.Costs, line)
		amount, ok := readAmount(line.Amount)
		if !ok {
			problem = r.say.text("campaigns.bad_amount", "value", shown(line.Amount))
		}
		if len(line.Day) == len("2026-11") {
			line.Day += "-01"
		}
		c.Costs = append(c.Costs, crm.Cost{Day: line.Day, Amount: amount, Note: line.Note})
	}
	return problem
}

// readAmount reads an amount of money as people write it: 1,200,000, also in full width; "" is 0.
func readAmount(text string) (int64, bool) {
	text = strings.NewReplacer(",", "", "，", "", "¥", "", "円", "", " ", "").Replace(crm.Fold(text))
	if text == "" {
		return 0, true
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}
