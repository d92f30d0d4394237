package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"

	"github.com/alecthomas/kong"
)

// The exit codes.
const (
	exitOK     = 0
	exitFailed = 1 // it ran and something failed
	exitUsage  = 2 // wrong usage or bad configuration
)

// commandLine is the grammar of the command line.
type commandLine struct {
	Config string `short:"c" placeholder:"FILE" help:"Configuration file (default tsunagu.yaml, or $$TSUNAGU_CONFIG)."`

	Demo       demoCommand       `cmd:"" help:"The whole product on sample data, with nothing to set up."`
	Init       initCommand       `cmd:"" help:"Write a commented tsunagu.yaml and a key file."`
	Run        runCommand        `cmd:"" help:"The daemon: reads the sources on their schedules and serves the web app."`
	Sync       syncCommand       `cmd:"" help:"Read all sources once, until nothing more is pending."`
	Check      checkCommand      `cmd:"" help:"Check the configuration, or try the mailboxes."`
	Connect    connectCommand    `cmd:"" help:"Sign an account in, so that its mail and meetings are read."`
	Disconnect disconnectCommand `cmd:"" help:"Give back what was granted for an account. What was logged stays."`
	Import     importCommand     `cmd:"" help:"Take people in from a CSV or XLSX file."`
	Export     exportCommand     `cmd:"" help:"Write activities, people, accounts or the ledger as JSONL, CSV or XLSX."`
	Explain    explainCommand    `cmd:"" help:"Say why an item was matched, or why it was not logged."`
	Call       callCommand       `cmd:"" help:"Log a call: its result, what was said, and what comes next."`
	Status     statusCommand     `cmd:"" help:"Give a lead a status."`
	History    historyCommand    `cmd:"" help:"What became of a person, and why."`
	Convert    convertCommand    `cmd:"" help:"Make a lead a contact of an account, with an opportunity if wanted."`
	Merge      mergeCommand      `cmd:"" help:"Make one record of two people or two accounts."`
	Undo       undoCommand       `cmd:"" help:"Take back a merge, a conversion or a change of status."`
	Report     reportCommand     `cmd:"" help:"Numbers: meetings won, activities, call results, conversion, costs …"`
	Segment    segmentCommand    `cmd:"" help:"Groups of people by rule: list them, or export one for a mailing service."`
	Verify     verifyCommand     `cmd:"" help:"Prove against the servers that nothing is missing."`
	Replay     replayCommand     `cmd:"" help:"Put what was read through today's mapping."`
	Mapping    mappingCommand    `cmd:"" help:"The mapping: try a change on history, save it, take it back."`
	FormMail   formMailCommand   `cmd:"" help:"Notification mails of forms: make a parser from one example, and try it on more."`
	Backup     backupCommand     `cmd:"" help:"Write a consistent copy of the store, also while the daemon runs."`
	Restore    restoreCommand    `cmd:"" help:"Put a back-up into an empty data directory."`
	Erase      eraseCommand      `cmd:"" help:"Forget an address and everything that only concerns it."`
	Rekey      rekeyCommand      `cmd:"" help:"Make a new key and seal the stored secrets with it."`
	User       userCommand       `cmd:"" help:"Who may sign in to the web app."`
	Token      tokenCommand      `cmd:"" help:"Which programs may use the API."`
	Version    versionCommand    `cmd:"" help:"Print the version."`
}

// app is what a command works with.
type app struct {
	ctx        context.Context
	stdin      io.Reader
	stdout     io.Writer // results
	stderr     io.Writer // messages and logs
	env        func(string) (string, bool)
	args       []string // as given, to forward them to the daemon
	configPath string
	held       *instance // what the daemon holds open, when the command runs inside of it; else nil
}

// run is the program without the process: it answers the exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, env func(string) (string, bool)) int {
	a := &app{ctx: ctx, stdin: stdin, stdout: stdout, stderr: stderr, env: env, args: args}
	return a.run()
}

// exited carries the exit code out of kong, which wants to end the process after --help.
type exited int

func (a *app) run() (code int) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case exited:
			code = int(r)
		default:
			a.panicked(r)
			code = exitFailed
		}
	}()
	var grammar commandLine
	parser, err := kong.New(&grammar,
		kong.Name("tsunagu"),
		kong.Description("Reads a company's mail and writes every exchange as an activity into a CRM store."),
		kong.Writers(a.stdout, a.stderr),
		kong.Exit(func(code int) { panic(exited(code)) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
		kong.Bind(a),
	)
	if err != nil {
		return a.fail(fmt.Errorf("read command line: %w", err))
	}
	args := a.args
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	if err != nil {
		a.notef("tsunagu: %v (tsunagu --help lists what there is)", err)
		return exitUsage
	}
	if err := a.mayRunHere(strings.Fields(command.Command())[0]); err != nil {
		return a.fail(err)
	}
	a.configPath = grammar.Config
	if a.configPath == "" {
		a.configPath, _ = a.env("TSUNAGU_CONFIG")
	}
	if a.configPath == "" {
		a.configPath = "tsunagu.yaml"
	}
	if err := command.Run(); err != nil {
		return a.fail(err)
	}
	return exitOK
}

// panicked says that the program made a mistake. What it was goes to the log of the daemon or, if the
// environment asks for it, to a file.
func (a *app) panicked(reason any) {
	if a.held != nil {
		a.held.log.Error("a command over the control socket failed", "panic", reason, "stack", string(debug.Stack()))
		a.notef("tsunagu: an internal error; the daemon's log says more")
		return
	}
	a.notef("tsunagu: an internal error stopped this command: nothing of its last step was stored; please report it, with `tsunagu version` and the command")
	if path, ok := a.env("TSUNAGU_CRASH_FILE"); ok {
		_ = writeNew(path, fmt.Appendf(nil, "%v\n%s", reason, debug.Stack())) // it is about to end anyway
	}
}

// sayf prints a line of the result.
func (a *app) sayf(format string, args ...any) {
	_, _ = fmt.Fprintln(a.stdout, spoken(fmt.Sprintf(format, args...)))
}

// notef prints a line beside the result.
func (a *app) notef(format string, args ...any) {
	_, _ = fmt.Fprintln(a.stderr, spoken(fmt.Sprintf(format, args...)))
}

// terminal says whether w is a terminal that a person looks at.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && info.Mode()&os.ModeDevice != 0
}
