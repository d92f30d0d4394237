package crm

import "time"

// TaskKind is what is to be done.
type TaskKind string

// The kinds of task.
const (
	TaskCall TaskKind = "call"
	TaskMail TaskKind = "mail"
	TaskTodo TaskKind = "todo"
)

// Task is a next action: when, to whom, what.
type Task struct {
	ID      string    `json:"id"` // DerivedID of its cause if it has one, so that it is made once
	Kind    TaskKind  `json:"kind"`
	Person  string    `json:"person,omitempty"`  // id
	Account string    `json:"account,omitempty"` // id
	Owner   string    `json:"owner"`             // who does it: a rep's address
	Due     string    `json:"due"`               // a day such as 2026-11-21, in the organisation's time zone
	Whom    string    `json:"whom,omitempty"`    // in words, if it is not the person
	What    string    `json:"what"`              // in words, at most 500 characters
	Origin  string    `json:"origin"`            // "person", "call", "outcome", "plan" or "proposal"
	Cause   string    `json:"cause,omitempty"`   // id of the activity or proposal, or name of the plan and number of its step
	Created time.Time `json:"created"`
	Done    time.Time `json:"done,omitzero"`     // zero while it is open
	DoneBy  string    `json:"done_by,omitempty"` // actor, or the id of the activity that did it
	Dropped bool      `json:"dropped,omitempty"` // it was not done: not needed any more
}

// TaskFilter chooses tasks. Zero fields do not restrict.
type TaskFilter struct {
	Owner   string
	Person  string // id
	Account string // id
	Open    bool   // only those that are neither done nor dropped
	Until   string // due on this day or before
	After   string // cursor
	Limit   int    // 0 means 50
}
