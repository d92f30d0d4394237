package web

import "github.com/tsunagu-crm/tsunagu/crm"

// headline names what the total above a chart counts: a column's title, in the singular where there is one of it.
func (sp *speaker) headline(t *crm.ReportTable, at int) string {
	key := "report_one." + string(t.ID)
	if m := t.Totals[at]; t.Columns[at].Unit == crm.UnitCount && m.Known && m.Value == 1 && at == 0 && sp.has(key) {
		return sp.text(key)
	}
	return t.Columns[at].Title.In(sp.lang)
}
