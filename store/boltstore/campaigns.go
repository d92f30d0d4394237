package boltstore

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// maxCatalogue is how many products, and how many campaigns, there can be.
const maxCatalogue = 10_000

func campaigns() recordKind[crm.Campaign] {
	return recordKind[crm.Campaign]{bucket: bucketCampaigns, what: "campaign", id: func(c *crm.Campaign) string { return c.ID },
		lines: func(c *crm.Campaign) []change {
			id := idOf(c.ID)
			return []change{entry(bucketCampaignCode, []byte(crm.CampaignCode(c.Code)), id[:])}
		}}
}

func products() recordKind[crm.Product] {
	return recordKind[crm.Product]{bucket: bucketProducts, what: "product", id: func(p *crm.Product) string { return p.ID },
		lines: func(*crm.Product) []change { return nil }}
}

// SaveProduct inserts or replaces a product of the catalogue. Its code, if it has one, is its own.
func (s *Store) SaveProduct(ctx context.Context, actor string, p crm.Product) error {
	err := s.update(ctx, func(u *unit) error { return u.saveProduct(actor, p) })
	if err != nil {
		return fmt.Errorf("save product %s: %w", p.ID, err)
	}
	return nil
}

func (u *unit) saveProduct(actor string, p crm.Product) error {
	if err := crm.Refuse("product", crm.CheckProduct(&p)); err != nil {
		return err
	}
	if err := u.roomFor(bucketProducts, p.ID); err != nil {
		return err
	}
	if err := u.freeCode(&p); err != nil {
		return err
	}
	before, err := products().find(u.tx, p.ID)
	if err != nil {
		return err
	}
	if err := products().put(u, before, &p); err != nil {
		return err
	}
	return u.auditChange(actor, "product", p.ID, before, &p)
}

// freeCode refuses a code that another product has, however it is written.
func (u *unit) freeCode(p *crm.Product) error {
	code := crm.Fold(p.Code)
	if code == "" {
		return nil
	}
	return u.bucket(bucketProducts).ForEach(func(_, v []byte) error {
		other, err := products().decode(v)
		if err != nil || other.ID == p.ID || crm.Fold(other.Code) != code {
			return err
		}
		return &crm.FlawError{What: "product", Flaws: []crm.Flaw{{Field: "code",
			Text: crm.Label{JA: "このコードは別の商品で使われています。", EN: "Another product has this code."}}}}
	})
}

// roomFor is an error if a list of limited length has no room for a record that it does not have.
func (u *unit) roomFor(bucket []byte, id string) error {
	if id == "" {
		return errors.New("it has no id")
	}
	key := idOf(id)
	if u.bucket(bucket).Get(key[:]) != nil {
		return nil
	}
	n := 0
	err := u.bucket(bucket).ForEach(func(_, _ []byte) error {
		n++
		return nil
	})
	if err != nil {
		return err
	}
	if n >= maxCatalogue {
		return fmt.Errorf("%w: there are %d already", crm.ErrRefused, maxCatalogue)
	}
	return nil
}

// ListProducts gives the catalogue, by name.
func (s *Store) ListProducts(ctx context.Context) ([]crm.Product, error) {
	out, err := listAll(ctx, s, bucketProducts, "products", products().decode)
	slices.SortFunc(out, func(a, b crm.Product) int {
		return cmp.Or(cmp.Compare(crm.Fold(a.Name), crm.Fold(b.Name)), cmp.Compare(a.ID, b.ID))
	})
	return out, err
}

// SaveCampaign inserts or replaces a campaign, and counts its costs. Its code is its own.
func (s *Store) SaveCampaign(ctx context.Context, actor string, c crm.Campaign) error {
	err := s.update(ctx, func(u *unit) error { return u.saveCampaign(actor, crm.TidyCampaign(c)) })
	if err != nil {
		return fmt.Errorf("save campaign %s: %w", c.ID, err)
	}
	return nil
}

func (u *unit) saveCampaign(actor string, c crm.Campaign) error {
	if err := crm.Refuse("campaign", crm.CheckCampaign(&c)); err != nil {
		return err
	}
	if err := u.roomFor(bucketCampaigns, c.ID); err != nil {
		return err
	}
	id := idOf(c.ID)
	if other := u.bucket(bucketCampaignCode).Get([]byte(crm.CampaignCode(c.Code))); other != nil && !bytes.Equal(other, id[:]) {
		return &crm.FlawError{What: "campaign", Flaws: []crm.Flaw{{Field: "code",
			Text: crm.Label{JA: "このコードは別のキャンペーンで使われています。", EN: "Another campaign has this code."}}}}
	}
	before, err := campaigns().find(u.tx, c.ID)
	if err != nil {
		return err
	}
	var was []crm.Fact
	if before != nil {
		was = crm.CampaignFacts(before, u.s.loc)
	}
	if err := campaigns().put(u, before, &c); err != nil {
		return err
	}
	u.countRecord(was, crm.CampaignFacts(&c, u.s.loc))
	return u.auditChange(actor, "campaign", c.ID, before, &c)
}

// GetCampaign gives a campaign by ID.
func (s *Store) GetCampaign(ctx context.Context, id string) (crm.Campaign, error) {
	return getRecord(ctx, s, campaigns(), id)
}

// ListCampaigns gives all campaigns by their start, newest first; those without one last.
func (s *Store) ListCampaigns(ctx context.Context) ([]crm.Campaign, error) {
	out, err := listAll(ctx, s, bucketCampaigns, "campaigns", campaigns().decode)
	slices.SortFunc(out, func(a, b crm.Campaign) int {
		return cmp.Or(cmp.Compare(b.Start, a.Start), cmp.Compare(crm.Fold(a.Name), crm.Fold(b.Name)), cmp.Compare(a.ID, b.ID))
	})
	return out, err
}

// eachRecordFact calls fn with everything that is counted of campaigns and opportunities.
func (s *Store) eachRecordFact(tx *bbolt.Tx, fn func(crm.Fact) error) error {
	each := func(facts []crm.Fact) error {
		for _, f := range facts {
			if err := fn(f); err != nil {
				return err
			}
		}
		return nil
	}
	err := tx.Bucket(bucketCampaigns).ForEach(func(_, v []byte) error {
		c, err := campaigns().decode(v)
		if err != nil {
			return err
		}
		return each(crm.CampaignFacts(&c, s.loc))
	})
	if err != nil {
		return err
	}
	return tx.Bucket(bucketOpportunities).ForEach(func(_, v []byte) error {
		o, err := opportunities().decode(v)
		if err != nil {
			return err
		}
		return each(crm.OpportunityFacts(&o, s.loc))
	})
}
