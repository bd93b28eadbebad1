//! What an SMTP server says: a code of three digits and lines of text (RFC 5321, 4.2).

/// The longest reply that is read, in bytes.
const MOST_BYTES: usize = 16 * 1024;

/// A whole reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// 200 to 599.
    pub code: u16,
    /// Its lines without the code.
    pub lines: Vec<String>,
}

/// Bytes that are no reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Garbled;

/// Puts replies together from what arrives.
#[derive(Default)]
pub struct Replies {
    read: Vec<u8>,
}

impl Reply {
    /// Done, go on.
    pub fn is_good(&self) -> bool {
        (200..400).contains(&self.code)
    }

    /// Not now, perhaps later.
    pub fn is_for_now(&self) -> bool {
        (400..500).contains(&self.code)
    }

    /// The reply in one line.
    pub fn text(&self) -> String {
        format!("{} {}", self.code, self.lines.join(" "))
    }
}

impl Replies {
    /// Takes bytes in; the first whole reply, once it is there.
    ///
    /// # Errors
    /// When what arrived cannot be the beginning of a reply, or is too long for one.
    pub fn hear(&mut self, bytes: &[u8]) -> Result<Option<Reply>, Garbled> {
        self.read.extend_from_slice(bytes);
        if self.read.len() > MOST_BYTES {
            return Err(Garbled);
        }
        let mut lines = Vec::new();
        let mut rest = self.read.as_slice();
        let mut code = None;
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let (line, after) = rest.split_at(end + 1);
            let line = String::from_utf8_lossy(line);
            let line = line.trim_end_matches(['\r', '\n']);
            let (digits, text) = line.split_at_checked(3).ok_or(Garbled)?;
            let said: u16 = digits.parse().map_err(|_| Garbled)?;
            if !(200..600).contains(&said) || *code.get_or_insert(said) != said {
                return Err(Garbled);
            }
            lines.push(text.get(1..).unwrap_or_default().to_owned());
            match text.bytes().next() {
                Some(b'-') => {}
                None | Some(b' ') => {
                    self.read = after.to_vec();
                    return Ok(Some(Reply { code: said, lines }));
                }
                Some(_) => return Err(Garbled),
            }
            rest = after;
        }
        Ok(None)
    }

    /// Whether more arrived than was asked for. Before TLS begins there must be nothing: it could have
    /// been put in by somebody on the way.
    pub fn is_empty(&self) -> bool {
        self.read.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hear(parts: &[&str]) -> Result<Option<Reply>, Garbled> {
        let mut replies = Replies::default();
        let mut last = Ok(None);
        for part in parts {
            last = replies.hear(part.as_bytes());
        }
        last
    }

    #[test]
    fn a_reply_is_whole_with_its_last_line_however_it_arrives() {
        let reply = Reply { code: 250, lines: vec!["mail.example".into(), "STARTTLS".into(), String::new()] };
        assert_eq!(hear(&["250-mail.example\r\n250-STARTTLS\r\n250\r\n"]), Ok(Some(reply.clone())));
        assert_eq!(hear(&["250-mail.ex", "ample\r\n250-START", "TLS\r", "\n250", "\r\n"]), Ok(Some(reply)));
        assert_eq!(hear(&["250-mail.example\r\n250-STARTTLS\r\n"]), Ok(None));
    }

    #[test]
    fn what_is_no_reply_is_garbled() {
        for text in [
            "HTTP/1.1 400 Bad Request\r\n",
            "25\r\n",
            "999 no\r\n",
            "250x\r\n",
            "250-a\r\n550 b\r\n",
            "\r\n",
            "٢٥٠ x\r\n",
        ] {
            assert_eq!(hear(&[text]), Err(Garbled), "{text:?}");
        }
        assert_eq!(hear(&[&"250-x\r\n".repeat(3_000)]), Err(Garbled));
    }

    #[test]
    fn what_was_not_asked_for_stays_to_be_seen() {
        let mut replies = Replies::default();
        assert_eq!(replies.hear(b"220 go\r\n250 injected\r\n").unwrap().unwrap().code, 220);
        assert!(!replies.is_empty());
    }
}
