package handlers

import (
	"mime"
	"slices"

	"github.com/gofiber/fiber/v2"
)

// checkBody holds a request against its route: the kind of body, its size, and the names of its fields.
func checkBody(c *call) error {
	want := c.route.body
	size := len(c.Request().Body())
	if want.kind == noBody {
		if size > 0 {
			return fiber.ErrUnsupportedMediaType
		}
		return nil
	}
	kind, _, err := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	if err != nil || kind != fiber.MIMEApplicationForm {
		return fiber.ErrUnsupportedMediaType
	}
	if size > want.size {
		return fiber.ErrRequestEntityTooLarge
	}
	return checkFields(c, want.fields)
}

// checkFields refuses fields that a form does not have and fields that come twice: one source for a value, one value.
func checkFields(c *call, allowed []string) error {
	seen := make([]string, 0, len(allowed))
	wrong := false
	for key := range c.Request().PostArgs().All() {
		name := string(key)
		wrong = wrong || !slices.Contains(allowed, name) || slices.Contains(seen, name)
		seen = append(seen, name)
	}
	if wrong {
		return fiber.ErrUnprocessableEntity
	}
	return nil
}

// field reads a field of the form; what stands in the address does not count.
func (c *call) field(name string) string { return string(c.Request().PostArgs().Peek(name)) }

// typed is what was filled in, to be shown again. Passwords are not.
func (c *call) typed() map[string]string {
	values := make(map[string]string, len(c.route.body.fields))
	for _, name := range c.route.body.fields {
		if name != csrfField && name != "password" && name != currentField {
			values[name] = c.field(name)
		}
	}
	return values
}
