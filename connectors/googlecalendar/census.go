package googlecalendar

import "context"

// Census lists what takes place in the window, calendar after calendar. One that cannot be read has nothing now.
func (s *source) Census(ctx context.Context, yield func(ids []string) error) error {
	list, _, err := s.calendars(ctx)
	if err != nil {
		return err
	}
	from, to, err := s.window()
	if err != nil {
		return err
	}
	for _, c := range list {
		if err := s.ids(ctx, c.id, from, to, yield); err != nil && !gone(err) {
			return err
		}
	}
	return ctx.Err()
}
