//! What is said to an SMTP server, and what its answers mean for the message (RFC 5321, 3207, 4954).
//!
//! Nothing has left before the end of the message is said; whatever goes wrong until then is a refusal
//! and may be tried again. Once it is said and no answer came, nobody knows.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::reply::Reply;
use crate::sender::{Outcome, short};
use crate::shard::Outgoing;
use domain::address::without_addresses;

/// Who we are to the server.
#[derive(Clone)]
pub struct Login {
    pub user: String,
    pub password: String,
}

/// What to do next.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// Say this and wait for the answer.
    Say(Vec<u8>),
    /// Begin TLS, then go on with [`Dialogue::secured`].
    BeginTls,
    /// It is over.
    Over(Outcome),
}

/// Where the dialogue stands: what was said last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Nothing,
    Hello,
    StartTls,
    Plain,
    LoginUser,
    LoginPassword,
    LoginName,
    From,
    To,
    Data,
    Message,
}

/// One message on its way to a server.
pub struct Dialogue<'a> {
    message: &'a Outgoing,
    name: &'a str,
    login: Option<&'a Login>,
    /// Nobody on the way can read along.
    secret: bool,
    /// There is no way on which anybody could be: the server is on this machine.
    plain_will_do: bool,
    said: Said,
}

impl<'a> Dialogue<'a> {
    /// `name` is what this end calls itself. Unless the connection is `secret` from the start, TLS is
    /// begun before anything else is said.
    pub fn new(message: &'a Outgoing, name: &'a str, login: Option<&'a Login>, secret: bool) -> Self {
        Self { message, name, login, secret, plain_will_do: false, said: Said::Nothing }
    }

    /// A server on this machine may do without TLS.
    pub fn allow_plain(&mut self, allowed: bool) {
        self.plain_will_do = allowed;
    }

    /// The message was said: from here on it may have left.
    pub fn is_at_the_end(&self) -> bool {
        self.said == Said::Message
    }

    /// The server answered.
    pub fn hear(&mut self, reply: &Reply) -> Step {
        if !reply.is_good() {
            return Step::Over(refusal(reply, self.said));
        }
        match self.said {
            Said::Nothing => self.hello(),
            Said::Hello => self.after_hello(reply),
            Said::StartTls => Step::BeginTls,
            Said::LoginUser => {
                let user = self.login.map(|login| login.user.as_str()).unwrap_or_default();
                self.say(Said::LoginName, &STANDARD.encode(user))
            }
            Said::LoginName => {
                let password = self.login.map(|login| login.password.as_str()).unwrap_or_default();
                self.say(Said::LoginPassword, &STANDARD.encode(password))
            }
            Said::Plain | Said::LoginPassword => self.from(),
            Said::From => self.say(Said::To, &format!("RCPT TO:<{}>", self.message.to)),
            Said::To => self.say(Said::Data, "DATA"),
            Said::Data if reply.code == 354 => {
                self.said = Said::Message;
                Step::Say(stuffed(&self.message.body))
            }
            Said::Data => Step::Over(refused("the server did not ask for the message", true)),
            Said::Message => Step::Over(Outcome::Accepted(short(&without_addresses(&reply.text())))),
        }
    }

    /// The connection is secret now.
    pub fn secured(&mut self) -> Step {
        self.secret = true;
        self.hello()
    }

    /// The connection broke, the answer was garbled or took too long.
    pub fn lost(&self, why: &str) -> Outcome {
        match self.said {
            Said::Message => Outcome::Unknown(short(why)),
            _ => refused(why, true),
        }
    }

    fn say(&mut self, what: Said, line: &str) -> Step {
        self.said = what;
        Step::Say(format!("{line}\r\n").into_bytes())
    }

    fn hello(&mut self) -> Step {
        if !is_plain(&self.message.from) || !is_plain(&self.message.to) {
            return Step::Over(refused("the address has characters that cannot be sent", false));
        }
        self.say(Said::Hello, &format!("EHLO {}", self.name))
    }

    fn after_hello(&mut self, reply: &Reply) -> Step {
        let offered = |name: &str| {
            reply.lines.iter().skip(1).find_map(|line| {
                let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
                word.eq_ignore_ascii_case(name).then_some(rest)
            })
        };
        if !self.secret {
            if offered("STARTTLS").is_some() {
                return self.say(Said::StartTls, "STARTTLS");
            }
            if !self.plain_will_do {
                return Step::Over(refused("the server offers no TLS", true));
            }
        }
        let room: Option<usize> = offered("SIZE").and_then(|size| size.trim().parse().ok()).filter(|size| *size > 0);
        if room.is_some_and(|room| room < self.message.body.len()) {
            return Step::Over(refused("the message is larger than the server takes", false));
        }
        let beyond_ascii = !self.message.to.is_ascii() || !self.message.from.is_ascii();
        if beyond_ascii && offered("SMTPUTF8").is_none() {
            return Step::Over(refused("the server takes no address beyond ASCII", false));
        }
        let Some(login) = self.login else { return self.from() };
        let ways = offered("AUTH").unwrap_or_default().to_ascii_uppercase();
        let knows = |way: &str| ways.split_whitespace().any(|known| known == way);
        if knows("PLAIN") {
            let token = STANDARD.encode(format!("\0{}\0{}", login.user, login.password));
            self.say(Said::Plain, &format!("AUTH PLAIN {token}"))
        } else if knows("LOGIN") {
            self.say(Said::LoginUser, "AUTH LOGIN")
        } else {
            Step::Over(refused("the server offers no way to log in that is known here (PLAIN, LOGIN)", true))
        }
    }

    fn from(&mut self) -> Step {
        self.say(Said::From, &format!("MAIL FROM:<{}>", self.message.from))
    }
}

fn refused(detail: &str, for_now: bool) -> Outcome {
    Outcome::Refused { detail: short(detail), for_now }
}

/// What a refusal means. Only what is said about the message or its address is final: who cannot log
/// in today has a shop that mends it tomorrow.
fn refusal(reply: &Reply, said: Said) -> Outcome {
    let about_the_message = matches!(said, Said::From | Said::To | Said::Data | Said::Message);
    Outcome::Refused {
        detail: short(&without_addresses(&reply.text())),
        for_now: reply.is_for_now() || !about_the_message,
    }
}

/// An address that cannot be taken for more than an address.
fn is_plain(address: &str) -> bool {
    !address.is_empty() && !address.chars().any(|c| c.is_control() || c.is_whitespace() || c == '<' || c == '>')
}

/// The message with lines that end in CR LF, dots at the beginning of lines doubled, and its end.
fn stuffed(mime: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(mime.len() + 64);
    for line in mime.trim_end_matches(['\r', '\n']).split('\n') {
        if line.starts_with('.') {
            bytes.push(b'.');
        }
        bytes.extend_from_slice(line.trim_end_matches('\r').as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b".\r\n");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIME: &str = "Subject: hello\r\n\r\n.hidden\nline\r\n";

    fn message() -> Outgoing {
        Outgoing { from: "mara@skerrow.example".into(), to: "anna@example.org".into(), body: MIME.into() }
    }

    fn login() -> Login {
        Login { user: "shop".into(), password: "secret".into() }
    }

    /// Plays a server that gives these answers, and returns what was said and what came of it.
    fn play(
        message: &Outgoing,
        login: Option<&Login>,
        secret: bool,
        answers: &[&str],
    ) -> (Vec<String>, Option<Outcome>) {
        let mut dialogue = Dialogue::new(message, "edge.example", login, secret);
        let mut said = Vec::new();
        for answer in answers {
            let (code, text) = answer.split_at(3);
            let lines = text.trim_start().split('|').map(str::to_owned).collect();
            let mut step = dialogue.hear(&Reply { code: code.parse().unwrap(), lines });
            if step == Step::BeginTls {
                said.push("*TLS*".into());
                step = dialogue.secured();
            }
            match step {
                Step::Say(bytes) => said.push(String::from_utf8(bytes).unwrap()),
                Step::Over(outcome) => return (said, Some(outcome)),
                Step::BeginTls => {}
            }
        }
        let lost = dialogue.lost("the connection broke");
        (said, Some(lost))
    }

    #[test]
    fn a_message_goes_out_after_tls_and_login_and_no_word_before() {
        let hello = "250 mail.example|STARTTLS|AUTH PLAIN LOGIN|SIZE 1000000";
        let answers = ["220 hi", hello, "220 go", hello, "235 ok", "250 ok", "250 ok", "354 go", "250 queued as 7"];
        let (said, outcome) = play(&message(), Some(&login()), false, &answers);
        let expected = [
            "EHLO edge.example\r\n",
            "STARTTLS\r\n",
            "*TLS*",
            "EHLO edge.example\r\n",
            "AUTH PLAIN AHNob3AAc2VjcmV0\r\n",
            "MAIL FROM:<mara@skerrow.example>\r\n",
            "RCPT TO:<anna@example.org>\r\n",
            "DATA\r\n",
            "Subject: hello\r\n\r\n..hidden\r\nline\r\n.\r\n",
        ];
        assert_eq!(said, expected);
        assert_eq!(outcome, Some(Outcome::Accepted("250 queued as 7".into())));
    }

    #[test]
    fn without_plain_the_login_is_said_in_two_parts() {
        let answers = ["220 hi", "250 mail.example|AUTH LOGIN", "334 user", "334 password", "235 ok"];
        let (said, _) = play(&message(), Some(&login()), true, &answers);
        assert_eq!(said[1..4], ["AUTH LOGIN\r\n", "c2hvcA==\r\n", "c2VjcmV0\r\n"]);
        assert_eq!(said[4], "MAIL FROM:<mara@skerrow.example>\r\n");
    }

    #[test]
    fn only_after_the_last_word_nobody_knows() {
        let answers = ["220 hi", "250 mail.example", "250 ok", "250 ok", "354 go"];
        for most in 0..answers.len() {
            let (_, outcome) = play(&message(), None, true, &answers[..most]);
            assert_eq!(outcome, Some(refused("the connection broke", true)), "after {most} answers");
        }
        let (_, outcome) = play(&message(), None, true, &answers);
        assert_eq!(outcome, Some(Outcome::Unknown("the connection broke".into())));
    }

    #[test]
    fn what_is_final_and_what_may_pass() {
        let refuse = |answers: &[&str]| match play(&message(), Some(&login()), true, answers) {
            (_, Some(Outcome::Refused { for_now, detail })) => (for_now, detail),
            other => panic!("{other:?}"),
        };
        let auth = "250 mail.example|AUTH PLAIN";
        assert_eq!(refuse(&["421 busy"]), (true, "421 busy".into()));
        assert_eq!(refuse(&["554 go away"]), (true, "554 go away".into()));
        assert_eq!(refuse(&["220 hi", auth, "535 wrong"]), (true, "535 wrong".into()));
        let to = refuse(&["220 hi", auth, "235 ok", "250 ok", "550 <anna@example.org> unknown"]);
        assert_eq!(to, (false, "550 … unknown".into()));
        assert!(refuse(&["220 hi", auth, "235 ok", "250 ok", "451 later"]).0);
        assert!(!refuse(&["220 hi", auth, "235 ok", "250 ok", "250 ok", "354 go", "552 too much"]).0);
        assert!(refuse(&["220 hi", "250 mail.example|AUTH GSSAPI"]).0);
        assert!(!refuse(&["220 hi", "250 mail.example|SIZE 10|AUTH PLAIN"]).0);
    }

    #[test]
    fn a_server_without_tls_learns_nothing() {
        let (said, outcome) = play(&message(), Some(&login()), false, &["220 hi", "250 mail.example|AUTH PLAIN"]);
        assert_eq!(said, ["EHLO edge.example\r\n"]);
        assert_eq!(outcome, Some(refused("the server offers no TLS", true)));
    }

    #[test]
    fn an_address_stays_an_address() {
        for to in ["a@b.example>\r\nDATA", "a b@c.example", "<a@b.example>", ""] {
            let message = Outgoing { to: to.into(), ..message() };
            let (said, outcome) = play(&message, None, true, &["220 hi"]);
            assert_eq!(said, Vec::<String>::new());
            assert!(matches!(outcome, Some(Outcome::Refused { for_now: false, .. })), "{to}");
        }
        let message = Outgoing { to: "anna@bücher.example".into(), ..message() };
        let (_, outcome) = play(&message, None, true, &["220 hi", "250 mail.example"]);
        assert_eq!(outcome, Some(refused("the server takes no address beyond ASCII", false)));
    }
}
