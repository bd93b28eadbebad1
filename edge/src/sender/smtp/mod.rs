//! SMTP submission (RFC 6409): a mail server that the shop has already.
//!
//! With `SMTP_TLS=implicit`, and on port 465, the connection is secret from the start (RFC 8314); else
//! TLS is begun before anything is said. Only a server on this machine may do without.

mod dialogue;
mod reply;

use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use worker::{Delay, Env, SecureTransport, Socket};

use self::dialogue::{Dialogue, Login, Step};
use self::reply::{Replies, Reply};
use super::Outcome;
use crate::shard::Outgoing;

/// A mail server and who we are to it.
pub struct Smtp {
    host: String,
    port: u16,
    implicit_tls: bool,
    login: Option<Login>,
    /// What this end calls itself.
    name: String,
}

/// The port on which TLS begins with the connection (RFC 8314, 3.3).
const IMPLICIT_TLS: u16 = 465;
/// The port for submission (RFC 6409).
const SUBMISSION: u16 = 587;

/// How long the connection may take, and each answer but the last.
const ANSWER: Duration = Duration::from_secs(20);
/// How long the server may take to say that it has the message: while it thinks, it may have it.
const LAST_ANSWER: Duration = Duration::from_mins(1);
/// How long a farewell may take.
const FAREWELL: Duration = Duration::from_secs(2);

impl Smtp {
    /// `SMTP_HOST`, `SMTP_PORT` (587 unless set), `SMTP_TLS`, `SMTP_USER` and the secret `SMTP_PASSWORD`. Nothing
    /// when no host is set, or a user without a password.
    pub fn of(env: &Env) -> Option<Self> {
        let variable = |name: &str| env.var(name).map(|value| value.to_string()).ok().filter(|value| !value.is_empty());
        let login = match variable("SMTP_USER") {
            Some(user) => Some(Login { user, password: env.secret("SMTP_PASSWORD").ok()?.to_string() }),
            None => None,
        };
        let port = variable("SMTP_PORT").map_or(Ok(SUBMISSION), |port| port.parse()).ok()?;
        let name = crate::public::edge_url(env).and_then(|url| Some(url.split_once("://")?.1.to_owned()));
        let implicit_tls = variable("SMTP_TLS").map_or(port == IMPLICIT_TLS, |tls| tls == "implicit");
        Some(Self {
            host: variable("SMTP_HOST")?,
            port,
            implicit_tls,
            login,
            name: name.unwrap_or_else(|| "localhost".into()),
        })
    }

    /// Whether the server is on this machine, where nobody is on the way.
    fn is_here(&self) -> bool {
        matches!(self.host.as_str(), "localhost" | "127.0.0.1" | "::1")
    }

    /// Hands a message over.
    pub async fn send(&self, message: &Outgoing) -> Outcome {
        let transport = if self.implicit_tls { SecureTransport::On } else { SecureTransport::StartTls };
        let mut dialogue = Dialogue::new(message, &self.name, self.login.as_ref(), self.implicit_tls);
        dialogue.allow_plain(self.is_here());
        let socket = match Socket::builder().secure_transport(transport).connect(&self.host, self.port) {
            Ok(socket) => socket,
            Err(error) => return dialogue.lost(&format!("no connection: {error}")),
        };
        let mut line = Line { socket, replies: Replies::default() };
        let mut step = Step::Say(Vec::new());
        let outcome = loop {
            let heard = match step {
                Step::Over(outcome) => break outcome,
                Step::BeginTls if !line.replies.is_empty() => {
                    break dialogue.lost("something was said before TLS began");
                }
                Step::BeginTls => {
                    line.socket = line.socket.start_tls();
                    step = dialogue.secured();
                    continue;
                }
                Step::Say(bytes) => {
                    let patience = if dialogue.is_at_the_end() { LAST_ANSWER } else { ANSWER };
                    within(patience, line.say(&bytes)).await.unwrap_or_else(|| Err("no answer in time".into()))
                }
            };
            step = match heard {
                Ok(reply) => dialogue.hear(&reply),
                Err(why) => break dialogue.lost(&why),
            };
        };
        // The outcome stands; a farewell that fails changes nothing.
        let _ = within(FAREWELL, line.socket.write_all(b"QUIT\r\n")).await;
        let _ = within(FAREWELL, line.socket.close()).await;
        outcome
    }
}

/// The connection.
struct Line {
    socket: Socket,
    replies: Replies,
}

impl Line {
    /// Says something, or nothing, and hears the answer.
    async fn say(&mut self, bytes: &[u8]) -> Result<Reply, String> {
        if !bytes.is_empty() {
            self.socket.write_all(bytes).await.map_err(|error| format!("the connection broke: {error}"))?;
        }
        let mut heard = self.replies.hear(&[]);
        let mut buffer = [0; 2_048];
        loop {
            match heard {
                Ok(Some(reply)) => return Ok(reply),
                Ok(None) => {}
                Err(_) => return Err("this is no mail server's answer".into()),
            }
            let read = self.socket.read(&mut buffer).await.map_err(|error| format!("the connection broke: {error}"))?;
            if read == 0 {
                return Err("the connection was closed".into());
            }
            heard = self.replies.hear(buffer.get(..read).unwrap_or_default());
        }
    }
}

/// What comes of something within a time; nothing when it takes longer.
async fn within<T>(patience: Duration, work: impl Future<Output = T>) -> Option<T> {
    match select(Box::pin(work), Box::pin(Delay::from(patience))).await {
        Either::Left((done, _)) => Some(done),
        Either::Right(_) => None,
    }
}
