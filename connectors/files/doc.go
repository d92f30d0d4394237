// Package files is the source kind "files": mail that lies in files. It reads .eml files, Maildirs and mboxes,
// one file or a whole tree of them, and never writes, moves or renames anything.
//
// A pass lists what is there and compares it with the cursor. Single messages (.eml, Maildir) are put in the
// order in which they were last changed on disk, which also moves when a file is copied or moved in with its
// old date; the cursor keeps how far this order was read in both directions, upwards for what is new and
// downwards through history. The change times of a file system tick coarsely, so the cursor also remembers
// which messages it knows of the last ticks. Messages of an mbox are put in the order of their offsets, with
// a place of its own for each mbox, so that appended mail is found and nothing else is read again.
//
// All files are opened through an os.Root: a symbolic link that leads out of the tree is not followed.
package files
