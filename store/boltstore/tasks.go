package boltstore

import (
	"context"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func tasks() recordKind[crm.Task] {
	return recordKind[crm.Task]{bucket: bucketTasks, what: "task", id: func(t *crm.Task) string { return t.ID }, lines: taskLines}
}

func taskLines(t *crm.Task) []change {
	state := byte(stateOpen)
	if !t.Open() {
		state = stateClosed
	}
	scopes := []id16{ownerScope(t.Owner)}
	for _, id := range []string{t.Person, t.Account} {
		if id != "" {
			scopes = append(scopes, idOf(id))
		}
	}
	return recordLines(lineTasks, state, dayOrder(t.Due), idOf(t.ID), nothing, scopes...)
}

// SaveTask inserts or replaces a task.
func (s *Store) SaveTask(ctx context.Context, actor string, t crm.Task) error {
	err := s.update(ctx, func(u *unit) error { return u.saveTask(actor, t) })
	if err != nil {
		return fmt.Errorf("save task %s: %w", t.ID, err)
	}
	return nil
}

// saveTask inserts or replaces a task, audits it and marks whom it is about. What rules do (crm.ByRules) follows from what
// is known of these people already: it says itself what caused it, and marks nobody.
func (u *unit) saveTask(actor string, t crm.Task) error {
	if t.ID == "" {
		return errors.New("it has no id")
	}
	if err := crm.Refuse("task", crm.CheckTask(&t)); err != nil {
		return err
	}
	before, err := tasks().find(u.tx, t.ID)
	if err != nil {
		return err
	}
	if before != nil {
		t.Created = before.Created
	} else if t.Created.IsZero() {
		t.Created = u.s.now()
	}
	return u.putTask(actor, before, &t)
}

// addTask stores a task of a plan or a next action unless its ID exists: then it is left as it is.
func (u *unit) addTask(t crm.Task) error {
	key := idOf(t.ID)
	if u.bucket(bucketTasks).Get(key[:]) != nil {
		return nil
	}
	return u.saveTask(crm.ByRules, t)
}

// putTask stores a task as it is; before or after is nil for one that was not or is no more.
func (u *unit) putTask(actor string, before, after *crm.Task) error {
	if err := tasks().put(u, before, after); err != nil {
		return err
	}
	if actor == crm.ByRules {
		return nil
	}
	for _, t := range []*crm.Task{before, after} {
		if t != nil {
			u.markRecords(t.Person, t.Account)
		}
	}
	return u.auditChange(actor, "task", tasks().idOf(before, after), before, after)
}

// GetTask gives a task by ID.
func (s *Store) GetTask(ctx context.Context, id string) (crm.Task, error) {
	return getRecord(ctx, s, tasks(), id)
}

// ListTasks gives a page of tasks by due, then ID.
func (s *Store) ListTasks(ctx context.Context, f crm.TaskFilter) (out []crm.Task, next string, err error) {
	q := lineQuery{line: lineTasks, states: []byte{stateOpen, stateClosed}, after: f.After, limit: f.Limit}
	if f.Open {
		q.states = q.states[:1]
	}
	switch {
	case f.Person != "":
		q.scope = idOf(f.Person)
	case f.Account != "":
		q.scope = idOf(f.Account)
	case f.Owner != "":
		q.scope = ownerScope(f.Owner)
	}
	if f.Until != "" {
		q.until = []byte(f.Until)
	}
	fits := func(t *crm.Task, _ []byte) bool {
		return (f.Owner == "" || t.Owner == f.Owner) && (f.Person == "" || t.Person == f.Person) && (f.Account == "" || t.Account == f.Account)
	}
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		out, next, err = readLines(tx, tasks(), q, fits)
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("list tasks: %w", err)
	}
	return out, next, nil
}
