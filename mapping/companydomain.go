package mapping

import "github.com/tsunagu-crm/tsunagu/crm"

// CompanyDomain is the domain that tells the company of somebody with these addresses: that of the first one that is neither
// free or provider mail, also by match.free_mail, nor the organisation's own. "" if there is none.
func (m *Mapper) CompanyDomain(addresses []string) string {
	for _, written := range addresses {
		normal, ok := crm.NormalizeAddress(written)
		if !ok {
			continue
		}
		if domain := crm.AddressDomain(normal); !m.isFreeMail(domain) && !m.isOwn(normal, domain) {
			return domain
		}
	}
	return ""
}
