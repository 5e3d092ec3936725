package deliver

import "crypto/x509"

// Trust has a server's certificate be judged by other roots than the system's.
func (s *SMTP) Trust(roots *x509.CertPool) { s.roots = roots }
