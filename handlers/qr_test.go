package handlers_test

import (
	"image"
	"image/color"
	"image/draw"
	"net/http"
	"regexp"
	"strconv"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"golang.org/x/net/html"
)

// node is an element of a page.
type node = html.Node

// run is a black box of a drawn code: from where, and how wide.
var run = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`)

// reads points a camera at the code on a page.
func (p *page) reads() string {
	p.t.Helper()
	svg := p.find(func(n *node) bool { return n.Data == "svg" && attribute(n, "class") == "qr" })
	if svg == nil {
		p.t.Fatal("there is no code")
	}
	box := regexp.MustCompile(`^0 0 (\d+) (\d+)$`).FindStringSubmatch(attribute(svg, "viewbox") + attribute(svg, "viewBox"))
	path := p.find(func(n *node) bool { return n.Data == "path" && n.Parent == svg })
	paper := p.find(func(n *node) bool { return n.Data == "rect" && n.Parent == svg })
	if box == nil || path == nil || paper == nil || attribute(path, "fill") != "#000" || attribute(paper, "fill") != "#fff" {
		p.t.Fatal("the code is not black on white")
	}
	const (
		pixels = 8 // of the camera, for one of the code
		quiet  = 4 // white pixels around it, without which cameras look in vain
	)
	side := number(p.t, box[1])
	picture := image.NewGray(image.Rect(0, 0, side*pixels, side*pixels))
	draw.Draw(picture, picture.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	rest := run.ReplaceAllStringFunc(attribute(path, "d"), func(part string) string {
		at := run.FindStringSubmatch(part)
		x, y, wide := number(p.t, at[1]), number(p.t, at[2]), number(p.t, at[3])
		if min(x, y) < quiet || max(x+wide, y+1) > side-quiet {
			p.t.Errorf("a box at %d, %d stands in the quiet zone", x, y)
		}
		draw.Draw(picture, image.Rect(x*pixels, y*pixels, (x+wide)*pixels, (y+1)*pixels), image.NewUniform(color.Black), image.Point{}, draw.Src)
		return ""
	})
	if rest != "" {
		p.t.Fatalf("the code holds %q", rest)
	}
	bitmap, err := gozxing.NewBinaryBitmapFromImage(picture)
	must(p.t, err)
	read, err := qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_PURE_BARCODE: true})
	must(p.t, err)
	return read.GetText()
}

func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	must(t, err)
	return n
}

func TestTheCodeOfAnInvitationIsItsLink(t *testing.T) {
	t.Parallel()
	s := openSite(t)
	root := s.admin()
	for range 3 {
		link := s.origin() + root.invites()
		if got := root.page.reads(); got != link {
			t.Errorf("a camera reads %q, not %q", got, link)
		}
	}
	root.opens("/invitations/1").is(http.StatusOK)
	svg := root.page.find(func(n *node) bool { return attribute(n, "class") == "qr" })
	if attribute(svg, "role") != "img" || attribute(svg, "aria-label") == "" {
		t.Error("nobody hears what the code is")
	}
}
