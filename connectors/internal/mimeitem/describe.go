package mimeitem

// Describe makes a part of its header block, for sources whose service has split the message already. Size and
// children are the caller's to fill in.
func Describe(header []byte) *Part {
	h := readHeader(header)
	return describe(&h, "text/plain")
}
