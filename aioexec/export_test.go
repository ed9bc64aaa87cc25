package aioexec

// Excerpt is what Output makes of a standard error in which ps come one by one.
func Excerpt(ps [][]byte) []byte {
	var e excerpt
	for _, p := range ps {
		e.Write(p)
	}
	return e.bytes()
}
