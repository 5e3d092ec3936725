package views

import (
	"slices"

	"chinwag/chat"
)

// SettingsProps is what the page of one's own account shows.
type SettingsProps struct {
	Email   chat.Email
	Devices []chat.Device
	Here    chat.SessionHash // the session of this very browser
	Refused string           // address of the form that was refused; empty: none
	Form    Form             // what was typed into that one
}

// form is what one of the page's forms shows: as it was typed if it is the one that was refused, else as it is stored.
func (p SettingsProps) form(id, address string, stored map[string]string) Form {
	if p.Refused == address {
		f := p.Form
		f.ID = id
		return f
	}
	return Form{ID: id, Values: stored}
}

// hereFirst are the browsers, this one at the top.
func (p SettingsProps) hereFirst() []chat.Device {
	devices := slices.Clone(p.Devices)
	slices.SortStableFunc(devices, func(a, b chat.Device) int {
		switch p.Here {
		case a.Hash:
			return -1
		case b.Hash:
			return 1
		}
		return 0
	})
	return devices
}

// emailForm holds the address one has, or the one that is to take its place.
func (p SettingsProps) emailForm() Form {
	address := p.Email.Unconfirmed()
	if address == "" {
		address = p.Email.Address
	}
	return p.form("email", EmailPath, map[string]string{"email": address})
}
