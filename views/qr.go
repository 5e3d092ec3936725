package views

import (
	"strconv"
	"strings"

	"rsc.io/qr"
)

// qrQuiet is the white border that a reader needs around a code, in modules (ISO/IEC 18004, section 5.3.8).
const qrQuiet = 4

// qrDrawing is a QR code as it stands in an SVG: one path, a unit a module.
type qrDrawing struct {
	box  string // the viewBox, quiet zone and all
	path string
}

// drawQR makes the code of an address; false if it is longer than a code can be.
func drawQR(address string) (qrDrawing, bool) {
	code, err := qr.Encode(address, qr.M)
	if err != nil {
		return qrDrawing{}, false
	}
	side := strconv.Itoa(code.Size + 2*qrQuiet)
	return qrDrawing{box: "0 0 " + side + " " + side, path: qrPath(code)}, true
}

// qrPath goes through the rows and draws each run of black modules as one box.
func qrPath(code *qr.Code) string {
	var path strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			from := x
			for code.Black(x, y) {
				x++
			}
			if run := strconv.Itoa(x - from); x > from {
				path.WriteString("M" + strconv.Itoa(from+qrQuiet) + " " + strconv.Itoa(y+qrQuiet) + "h" + run + "v1h-" + run + "z")
			}
		}
	}
	return path.String()
}
