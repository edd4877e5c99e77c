//! `tegata-root status`: where the root stands.

mod json;

use tegata_root_ca::state::Exchange;
use tegata_root_ca::{
    Authority, CertificateRecord, CrlRecord, Duty, DutyStatus, Generation, Incident, Intent, IntentObject, KeyStatus,
    RootKey, Serial,
};
use tegata_terminal::{Lang, Output, Tone, table};
use time::UtcDateTime;

use super::{now, open};
use crate::args::Global;
use crate::failure::Failure;
use crate::message::{instant, root as text};

/// Columns of a duty's clock.
const CLOCK: i64 = 16;

/// Everything that is shown.
struct Standing {
    at: UtcDateTime,
    policy: String,
    sandbox: bool,
    keys: Vec<(RootKey, UtcDateTime)>,
    certificates: Vec<CertificateRecord>,
    revoked: Vec<Serial>,
    lists: Vec<Lists>,
    /// With the length of each duty in seconds.
    duties: Vec<(Duty, i64)>,
    intents: Vec<Intent>,
    incidents: Vec<Incident>,
    exchange: Exchange,
}

/// The lists of one key.
struct Lists {
    issuer: Generation,
    /// The list with the greatest number among those that have taken effect and not ended.
    in_effect: Option<CrlRecord>,
    last_number: u64,
    covered_until: Option<UtcDateTime>,
    unreleased: usize,
}

pub(super) fn run(global: &Global, output: Output) -> Result<(), Failure> {
    let (home, authority) = open(global)?;
    let standing = Standing::of(&authority)?;
    if output.json {
        return Ok(output.print_json(&json::standing(&standing, &authority, home.folder())?)?);
    }
    let title = text::status_of(output.lang, home.folder().display(), &standing.policy);
    let mut page = output.style.title(&title) + "\n";
    if standing.sandbox {
        page += &format!("{}\n", output.style.doubtful(&text::sandbox_root(output.lang)));
    }
    Ok(output.print(&(page + &Page { output, standing: &standing }.write()))?)
}

impl Standing {
    fn of(authority: &Authority) -> Result<Self, Failure> {
        let (state, policy) = (authority.state(), authority.policy());
        // Practice with the clock of a plan may have gone ahead of the machine's.
        let at = now().max(state.last_time()?);
        let mut lists = Vec::new();
        for name in authority.issuer_names()? {
            let crls = state.crls(&name)?;
            let last_number = state.last_crl_number(&name)?;
            for key in state.keys()?.into_iter().filter(|key| key.name == name) {
                lists.push(Lists::of(key.generation, &crls, last_number, at));
            }
        }
        let keys = state.keys()?.into_iter().map(|key| {
            let ends = policy.root.key_use.after(key.created);
            (key, ends)
        });
        let duty = |duty: Duty| {
            let seconds = (duty.due - duty.accepted).whole_seconds();
            (duty, seconds)
        };
        Ok(Self {
            at,
            policy: policy.id.clone(),
            sandbox: state.is_sandbox()?,
            keys: keys.collect(),
            certificates: state.certificates()?,
            revoked: state.revocations()?.into_iter().map(|revocation| revocation.serial).collect(),
            lists,
            duties: authority.duties(at)?.into_iter().map(duty).collect(),
            intents: state.open_intents()?,
            incidents: state.incidents()?,
            exchange: state.exchange()?,
        })
    }

    fn validity(&self, record: &CertificateRecord) -> Validity {
        if record.certificate.not_after() < self.at {
            Validity::Ended
        } else if self.revoked.contains(&record.serial) {
            Validity::Revoked
        } else if record.certificate.not_before() > self.at {
            Validity::Future
        } else {
            Validity::Valid
        }
    }
}

impl Lists {
    fn of(issuer: Generation, crls: &[CrlRecord], last_number: u64, at: UtcDateTime) -> Self {
        let own = || crls.iter().filter(|crl| crl.issuer == issuer && crl.destroyed.is_none());
        let in_effect = own().filter(|crl| crl.this_update <= at && at < crl.next_update).max_by_key(|crl| crl.number);
        Self {
            issuer,
            in_effect: in_effect.cloned(),
            last_number,
            covered_until: own().map(|crl| crl.next_update).max(),
            unreleased: own().filter(|crl| crl.this_update > at).count(),
        }
    }
}

/// Where a certificate is in its life.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Validity {
    Valid,
    Future,
    Ended,
    Revoked,
}

impl Validity {
    fn id(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Future => "future",
            Self::Ended => "ended",
            Self::Revoked => "revoked",
        }
    }
}

/// The sections of the text.
struct Page<'a> {
    output: Output,
    standing: &'a Standing,
}

type Row = Vec<(String, Tone)>;

impl Page<'_> {
    fn write(&self) -> String {
        let lang = self.output.lang;
        let mut page = String::new();
        // What needs somebody's hand comes first.
        if !self.standing.intents.is_empty() {
            page += &self.intents(lang);
        }
        if !self.standing.incidents.is_empty() {
            page += &self.incidents(lang);
        }
        let running = self.standing.duties.iter().any(|(duty, _)| is_running(duty));
        if running {
            page += &self.duties(lang);
        }
        page += &self.keys(lang);
        page += &self.certificates(lang);
        page += &self.lists(lang);
        if !running {
            page += &self.duties(lang);
        }
        page + &self.exchange(lang)
    }

    fn section(&self, title: &str, header: &[String], rows: &[Row]) -> String {
        let title = self.output.style.title(title);
        if rows.is_empty() {
            return format!("\n{title}: {}\n", text::none(self.output.lang));
        }
        format!("\n{title}\n{}", table(&self.output, header, rows))
    }

    fn keys(&self, lang: Lang) -> String {
        let header = [
            text::head_generation(lang),
            text::head_state(lang),
            text::head_created(lang),
            text::head_key_use(lang),
            text::head_ends(lang),
            text::head_restore(lang),
            text::head_where(lang),
        ];
        let rows: Vec<Row> = self.standing.keys.iter().map(|(key, ends)| self.key(key, *ends, lang)).collect();
        self.section(&text::keys(lang), &header, &rows)
    }

    fn key(&self, key: &RootKey, ends: UtcDateTime, lang: Lang) -> Row {
        let (status, tone) = match key.status {
            KeyStatus::Pending => (text::key_pending(lang), Tone::Doubtful),
            KeyStatus::Active => (text::key_active(lang), Tone::Good),
            KeyStatus::Retiring => (text::key_retiring(lang), Tone::Doubtful),
            KeyStatus::Retired => (text::key_retired(lang), Tone::Faint),
            KeyStatus::Destroyed => (text::key_destroyed(lang), Tone::Faint),
            KeyStatus::Compromised => (text::key_compromised(lang), Tone::Bad),
        };
        let over = ends < self.standing.at && key.status == KeyStatus::Active;
        let not_after = key.certificate.as_ref().map(|certificate| instant(certificate.not_after()));
        let restored = key.restore_tested.map(instant);
        let restore_tone = if restored.is_some() { Tone::Plain } else { Tone::Doubtful };
        vec![
            (key.generation.to_string(), Tone::Plain),
            (status, tone),
            (instant(key.created), Tone::Plain),
            (instant(ends), if over { Tone::Bad } else { Tone::Plain }),
            (not_after.unwrap_or_else(|| text::none_yet(lang)), Tone::Plain),
            (restored.unwrap_or_else(|| text::none_yet(lang)), restore_tone),
            (key.reference.clone(), Tone::Faint),
        ]
    }

    fn certificates(&self, lang: Lang) -> String {
        let header = [
            text::head_kind(lang),
            text::head_subject(lang),
            text::head_generation(lang),
            text::head_from(lang),
            text::head_until(lang),
            text::head_state(lang),
            text::head_serial(lang),
        ];
        let all = &self.standing.certificates;
        let shown = all.iter().filter(|record| self.standing.validity(record) != Validity::Ended);
        let rows: Vec<Row> = shown.map(|record| self.certificate(record, lang)).collect();
        let mut section = self.section(&text::certificates(lang), &header, &rows);
        if rows.len() < all.len() {
            let note = text::certificates_ended(lang, all.len() - rows.len());
            section += &format!("{}\n", self.output.style.faint(&note));
        }
        section
    }

    fn certificate(&self, record: &CertificateRecord, lang: Lang) -> Row {
        let (state, tone) = match self.standing.validity(record) {
            Validity::Valid => (text::certificate_valid(lang), Tone::Good),
            Validity::Future => (text::certificate_future(lang), Tone::Doubtful),
            Validity::Ended => (text::certificate_ended(lang), Tone::Faint),
            Validity::Revoked => (text::certificate_revoked(lang), Tone::Bad),
        };
        let subject = record.certificate.subject();
        vec![
            (record.kind.id().to_owned(), Tone::Plain),
            (subject.common_name().map_or_else(|| subject.to_string(), std::borrow::Cow::into_owned), Tone::Plain),
            (record.issuer.to_string(), Tone::Plain),
            (record.certificate.not_before().date().to_string(), Tone::Plain),
            (record.certificate.not_after().date().to_string(), Tone::Plain),
            (state, tone),
            (record.serial.to_string(), Tone::Faint),
        ]
    }

    fn lists(&self, lang: Lang) -> String {
        let header = [
            text::head_generation(lang),
            text::head_number(lang),
            text::head_until(lang),
            text::head_covered(lang),
            text::head_unreleased(lang),
            text::head_last_number(lang),
        ];
        let row = |lists: &Lists| {
            let (number, until, tone) = match &lists.in_effect {
                Some(crl) => (crl.number.to_string(), instant(crl.next_update), Tone::Good),
                None => (text::no_crl(lang), String::new(), Tone::Bad),
            };
            vec![
                (lists.issuer.to_string(), Tone::Plain),
                (number, tone),
                (until, Tone::Plain),
                (lists.covered_until.map(instant).unwrap_or_default(), Tone::Plain),
                (lists.unreleased.to_string(), Tone::Plain),
                (lists.last_number.to_string(), Tone::Faint),
            ]
        };
        let rows: Vec<Row> = self.standing.lists.iter().map(row).collect();
        self.section(&text::crls(lang), &header, &rows)
    }

    fn duties(&self, lang: Lang) -> String {
        let header = [text::head_serial(lang), text::head_clock(lang), text::head_state(lang), text::head_due(lang)];
        let row = |(duty, length): &(Duty, i64)| {
            let (said, tone) = duty_text(duty, lang);
            vec![
                (duty.serial.to_string(), Tone::Plain),
                (clock(duty, *length), tone),
                (said, tone),
                (instant(duty.due), Tone::Plain),
            ]
        };
        let rows: Vec<Row> = self.standing.duties.iter().map(row).collect();
        self.section(&text::duties(lang), &header, &rows)
    }

    fn intents(&self, lang: Lang) -> String {
        let header =
            [text::head_intent(lang), text::head_object(lang), text::head_generation(lang), text::head_opened(lang)];
        let row = |intent: &Intent| {
            let object = match &intent.object {
                IntentObject::Certificate { kind, serial } => format!("{} {serial}", kind.id()),
                IntentObject::Crl { number } => format!("CRL {number}"),
            };
            vec![
                (intent.id.to_string(), Tone::Bad),
                (object, Tone::Bad),
                (intent.issuer.to_string(), Tone::Plain),
                (instant(intent.opened), Tone::Plain),
            ]
        };
        let rows: Vec<Row> = self.standing.intents.iter().map(row).collect();
        self.section(&text::intents(lang), &header, &rows)
    }

    fn incidents(&self, lang: Lang) -> String {
        let header =
            [text::head_incident(lang), text::head_generation(lang), text::head_step(lang), text::head_opened(lang)];
        let row = |incident: &Incident| {
            let tone = if incident.step.next().is_some() { Tone::Bad } else { Tone::Faint };
            vec![
                (incident.id.to_string(), tone),
                (incident.key.to_string(), Tone::Plain),
                (incident.step.to_string(), tone),
                (instant(incident.opened), Tone::Plain),
            ]
        };
        let rows: Vec<Row> = self.standing.incidents.iter().map(row).collect();
        self.section(&text::incidents(lang), &header, &rows)
    }

    fn exchange(&self, lang: Lang) -> String {
        let exchange = &self.standing.exchange;
        let waiting = exchange.request.as_ref().filter(|_| exchange.is_waiting());
        let said = waiting.map_or_else(
            || text::next_sequence(lang, exchange.next_sequence()),
            |request| self.output.style.doubtful(&text::request_waits(lang, request.sequence)),
        );
        format!("\n{}\n {said}\n", self.output.style.title(&text::exchange(lang)))
    }
}

fn is_running(duty: &Duty) -> bool {
    matches!(duty.status, DutyStatus::Running { .. } | DutyStatus::Overdue)
}

/// How much of the time is gone.
fn clock(duty: &Duty, length: i64) -> String {
    let gone = (length - duty.remaining.whole_seconds()).clamp(0, length);
    let full = gone.saturating_mul(CLOCK) / length.max(1);
    (0..CLOCK).map(|column| if column < full { '█' } else { '░' }).collect()
}

fn duty_text(duty: &Duty, lang: Lang) -> (String, Tone) {
    let minutes = duty.remaining.whole_minutes().abs();
    let (hours, minutes) = (minutes / 60, minutes % 60);
    match duty.status {
        DutyStatus::Running { alarms: 0 } => (text::duty_left(lang, hours, minutes), Tone::Doubtful),
        DutyStatus::Running { .. } => (text::duty_left(lang, hours, minutes), Tone::Bad),
        DutyStatus::Overdue => (text::duty_overdue(lang, hours, minutes), Tone::Bad),
        DutyStatus::Signed => (text::duty_met(lang), Tone::Good),
        DutyStatus::SignedLate => (text::duty_met_late(lang), Tone::Bad),
    }
}
