package viewstest

import (
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

func find(root *html.Node, fits func(*html.Node) bool) *html.Node {
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && fits(n) {
			return n
		}
	}
	return nil
}

func isRow(n *html.Node) bool {
	return n.Type == html.ElementNode && n.Data == "li" && hasClass(n, "m")
}

func rowOf(n *html.Node) Row {
	row := Row{ID: attribute(n, "id"), Gone: hasClass(n, "gone")}
	row.Rev, _ = strconv.ParseInt(attribute(n, "data-rev"), 10, 64) // 0 is no revision, and no row equals it
	if text := find(n, func(n *html.Node) bool { return hasClass(n, "text") }); text != nil {
		row.Text = textOf(text)
	}
	for child := range n.ChildNodes() {
		row.Edited = row.Edited || child.Data == "small"
	}
	return row
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func hasAttribute(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func hasClass(n *html.Node, class string) bool {
	return slices.Contains(strings.Fields(attribute(n, "class")), class)
}

func textOf(n *html.Node) string {
	var text strings.Builder
	for child := range n.Descendants() {
		if child.Type == html.TextNode {
			text.WriteString(child.Data)
		}
	}
	return strings.Join(strings.Fields(text.String()), " ")
}
