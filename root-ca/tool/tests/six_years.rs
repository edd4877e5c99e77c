//! Years of ceremonies with the clock of the plan, looked at from outside: only what the root has published counts.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    reason = "test code"
)]

#[path = "support/objects.rs"]
mod objects;
#[path = "support/opinions.rs"]
mod opinions;
#[path = "support/rehearsals.rs"]
mod rehearsals;

use objects::{Objects, Signed};
use opinions::{Opinion, Question};
use rehearsals::Rehearsals;
use tegata_pki::Role;
use tegata_root_ca::Span;
use tegata_root_ca::rollover::{check, plan};
use time::macros::utc_datetime;
use time::{Duration, UtcDateTime};

/// A root key that was judged compromised.
struct Compromise {
    /// Its index among the roots.
    root: usize,
    opened: UtcDateTime,
    /// By when there is a new root with signers: the duty of the policy.
    due: UtcDateTime,
}

/// A span of time that is looked at.
struct Watch {
    from: UtcDateTime,
    until: UtcDateTime,
    compromise: Option<Compromise>,
}

impl Watch {
    /// Every 13 hours, and the instants at which something has just ended, or begun and left the ceremony.
    fn instants(&self, objects: &Objects) -> Vec<UtcDateTime> {
        const CEREMONY: Duration = Duration::minutes(10);
        let steps = (0..).map(|step| self.from + Duration::hours(13) * step).take_while(|at| *at <= self.until);
        let certificates = objects.below.iter().flat_map(|signed| {
            let certificate = &signed.certificate;
            [certificate.not_before() + CEREMONY, certificate.not_after() + Duration::SECOND]
        });
        let lists = objects.lists.iter().map(|list| list.next_update + Duration::SECOND);
        let edges = certificates.chain(lists).filter(|at| (self.from..=self.until).contains(at));
        steps.chain(edges).collect()
    }

    fn is_compromised(&self, root: usize, at: UtcDateTime) -> bool {
        self.compromise.as_ref().is_some_and(|compromise| compromise.root == root && compromise.opened <= at)
    }

    /// Between the judgement and the new root there is nobody to sign: the one gap that is allowed.
    fn is_treatment(&self, at: UtcDateTime) -> bool {
        self.compromise.as_ref().is_some_and(|compromise| (compromise.opened..=compromise.due).contains(&at))
    }
}

/// What must hold at every instant.
fn examine(objects: &Objects, watch: &Watch) {
    for at in watch.instants(objects) {
        for (root, _) in objects.roots.iter().enumerate().filter(|(_, signed)| signed.is_valid_at(at)) {
            let needs_list = |signed: &&Signed| {
                let revoked_link = signed.role == Role::Link && objects.is_revoked(&signed.certificate, at);
                signed.issuer == root && signed.is_valid_at(at) && !revoked_link
            };
            if watch.is_compromised(root, at) {
                continue;
            }
            if let Some(below) = objects.below.iter().find(needs_list) {
                let list = objects.list_at(root, at);
                assert!(list.is_some(), "no list at {at} for {}", below.path.display());
            }
        }
        for role in [Role::DocumentSigner, Role::StatusSigner] {
            for name in objects.names(role) {
                let own = objects.of_role(role).filter(|signed| *signed.certificate.subject() == name);
                let standing =
                    own.filter(|signed| signed.is_valid_at(at) && !objects.is_revoked(&signed.certificate, at));
                let count = standing.count();
                assert!(count <= 2, "{count} certificates of {name} are valid at {at}");
                assert!(count >= 1 || watch.is_treatment(at), "{name} has no certificate at {at}");
            }
        }
    }
}

/// What our own reading of the files says about a document signer.
fn own_opinion(objects: &Objects, signer: &Signed, at: UtcDateTime) -> Opinion {
    if !signer.is_valid_at(at) {
        return Opinion::Invalid("outside its validity".into());
    }
    if objects.is_revoked(&signer.certificate, at) { Opinion::Revoked } else { Opinion::Good }
}

/// Every document signer before, within and after its validity, and around its revocation.
fn questions(objects: &Objects) -> Vec<(Question, Opinion)> {
    let mut questions = Vec::new();
    for signer in objects.of_role(Role::DocumentSigner) {
        let (from, until) = (signer.certificate.not_before(), signer.certificate.not_after());
        let mut instants =
            vec![from - Duration::HOUR, from + Duration::HOUR, from + (until - from) / 2, until - Duration::HOUR];
        match objects.revoked.get(signer.certificate.serial()) {
            Some(date) => instants.extend([*date - Duration::HOUR, *date + Duration::HOUR]),
            // A revoked one that has ended is both: validators differ in which they say.
            None => instants.push(until + Duration::HOUR),
        }
        for at in instants {
            let Some(list) = objects.list_at(signer.issuer, at) else { continue };
            let root = objects.roots[signer.issuer].path.clone();
            let question = Question { at, root, leaf: signer.path.clone(), list: list.path.clone() };
            questions.push((question, own_opinion(objects, signer, at)));
        }
    }
    questions
}

/// OpenSSL and the JDK say what we say.
fn compare_opinions(objects: &Objects) {
    let folder = tempfile::tempdir().unwrap();
    let (questions, own): (Vec<_>, Vec<_>) = questions(objects).into_iter().unzip();
    for sought in [Opinion::Good, Opinion::Revoked, Opinion::Invalid(String::new())] {
        assert!(own.iter().any(|opinion| opinion.agrees(&sought)), "no question whose answer is {sought:?}");
    }
    let openssl = questions.iter().map(|question| opinions::openssl(question, folder.path())).collect();
    for (program, answers) in [("OpenSSL", Some(openssl)), ("the JDK", opinions::jdk(&questions))] {
        let Some(answers) = answers else { continue };
        for ((question, own), answer) in questions.iter().zip(&own).zip(answers) {
            let (at, leaf, list) = (question.at, question.leaf.display(), question.list.display());
            assert!(answer.agrees(own), "{program} says {answer:?} and not {own:?} at {at} of {leaf} by {list}");
        }
    }
}

/// The number of the newest list of a root.
fn newest_list(rehearsals: &Rehearsals, root: usize) -> String {
    let objects = Objects::read(&rehearsals.objects(), &rehearsals.policy);
    let newest = objects.lists.iter().rev().find(|list| list.issuer == root);
    newest.unwrap().number.to_string()
}

/// The incident is opened by a command, which reads the machine's clock: the six years are laid around today.
#[test]
fn six_years_of_an_iaca_root() {
    const CADENCE: i64 = 84;
    let mut root = Rehearsals::under("iso-18013-5");
    let start = UtcDateTime::now().truncate_to_second() - Duration::days(22 * CADENCE + 12);
    println!("the first ceremony is on {start}");
    let day = |day: i64| start + Duration::days(day);
    let quarter = |number: i64| day(CADENCE * number);
    let chart = plan(start, &root.policy);
    assert_eq!(check(&chart, &root.policy), []);

    root.rehearse("first", start, quarter(1));
    let mut rekeyed = false;
    for number in 1..=20 {
        if !rekeyed && chart.rekey < quarter(number) {
            root.rehearse("root-rekey", chart.rekey, quarter(number));
            rekeyed = true;
        }
        root.rehearse("quarterly", quarter(number), quarter(number + 1));
    }
    assert!(rekeyed && chart.switch <= quarter(20));

    // The newest signer is given up while the one before is still valid; a ceremony of its own replaces it.
    let given_up = 20 * CADENCE + 10;
    root.rehearse("restore-drill", day(given_up - 2), quarter(21));
    root.rehearse("emergency-revoke", day(given_up), day(given_up + 1));
    root.rehearse("quarterly", day(given_up + 1), quarter(21));
    root.rehearse("quarterly", quarter(21), quarter(22));
    root.rehearse("quarterly", quarter(22), quarter(23));

    let opened = UtcDateTime::now().truncate_to_second();
    treat_compromise(&mut root, quarter(23));
    for number in 23..=26 {
        root.rehearse("quarterly", quarter(number), quarter(number + 1));
    }

    let objects = Objects::read(&root.objects(), &root.policy);
    assert_eq!(objects.roots.len(), 3);
    assert_eq!(objects.of_role(Role::Link).count(), 2);
    let due = root.policy.crl.duty.after(opened);
    let compromise = Some(Compromise { root: 1, opened, due });
    examine(&objects, &Watch { from: start + Duration::HOUR, until: day(6 * 365), compromise });
    examine_compromise(&objects, 1, opened);
    compare_opinions(&objects);
    root.verify_all();
    root.verify_log();
}

/// The six steps of a compromise, as far as this crate has what shows them: the sixth needs a document and a verifier.
fn treat_compromise(root: &mut Rehearsals, next: UtcDateTime) {
    let now = UtcDateTime::now;
    let by = ["--judged-by", "ca-manager", "--role", "ca-manager"];
    root.run(&[&["incident", "open", "--generation", "2"], by.as_slice()].concat());
    root.rehearse("emergency-revoke", now(), next);
    let number = newest_list(root, 1);
    root.run(&["incident", "advance", "1", "revoked-by-old-key", "--crl", &number]);
    root.run(&["incident", "advance", "1", "halted", "--statement", "the key is out of use"]);
    root.run(&["incident", "advance", "1", "intake-stopped", "--statement", "the office has stopped"]);
    // The ceremony itself enters the steps that it shows: the new root, and its list of everything below the old one.
    root.rehearse("emergency-rekey", now(), next);
    let status = root.run(&["incident", "status"]);
    assert_eq!(status["incidents"][0]["step"], "revoked-by-new-key", "{status}");
}

/// Everything below the compromised root was given up at once, by a list of its own and by lists of the new root, and it
/// has signed nothing since but the one list.
fn examine_compromise(objects: &Objects, root: usize, opened: UtcDateTime) {
    let below =
        || objects.below.iter().filter(|signed| signed.issuer == root && signed.certificate.not_after() > opened);
    assert!(below().count() >= 2);
    for signer in [root, root + 1] {
        let first =
            objects.lists.iter().find(|list| list.issuer == signer && list.crl.this_update() >= opened).unwrap();
        for signed in below() {
            let entry = first.crl.lookup(signed.certificate.serial()).unwrap();
            assert!(entry.is_some(), "{} does not name {}", first.path.display(), signed.path.display());
        }
    }
    let last = objects.lists.iter().filter(|list| list.issuer == root && list.crl.this_update() >= opened);
    assert_eq!(last.count(), 1);
    let new = &objects.roots[root + 1].certificate;
    let linked = |signed: &Signed| signed.role == Role::Link && signed.certificate.public_key() == new.public_key();
    assert!(!objects.below.iter().any(linked), "the compromised root has linked the new one");
}

/// A root whose lists are signed ahead, one for each day; the certificate policy's months are not of one length.
#[test]
fn a_year_of_daily_lists() {
    let mut root = Rehearsals::under("jp-004");
    let start = utc_datetime!(2027-01-31 1:00);
    let month = |months: u16| Span::months(months).after(start);
    assert_eq!(check(&plan(start, &root.policy), &root.policy), []);

    root.rehearse("first", start, month(3));
    root.rehearse("quarterly", month(3), month(6));
    root.rehearse("quarterly", month(6), month(9));
    let before = Objects::read(&root.objects(), &root.policy);
    // The newest signer is given up while the one before is still valid; the days that were signed ahead are void.
    let given_up = month(6) + Duration::days(10);
    root.rehearse("emergency-revoke", given_up, given_up + Duration::DAY);
    let after = Objects::read(&root.objects(), &root.policy);
    let is_ahead = |list: &&objects::List| list.crl.this_update() > given_up + Duration::HOUR;
    let void: Vec<_> = before.lists.iter().filter(is_ahead).map(|list| list.number).collect();
    assert!(void.len() > 80, "{} lists lay ahead", void.len());
    assert!(!after.lists.iter().any(|list| void.contains(&list.number)), "a list that was signed ahead is still there");
    let emergency = after.lists.iter().filter(|list| !before.lists.iter().any(|old| old.number == list.number));
    assert!(emergency.map(|list| list.number).min() > void.iter().max().copied());

    root.rehearse("quarterly", given_up + Duration::DAY, month(9));
    root.rehearse("quarterly", month(9), month(12));
    let objects = Objects::read(&root.objects(), &root.policy);
    examine(&objects, &Watch { from: start + Duration::HOUR, until: month(12), compromise: None });
    for list in &objects.lists {
        assert_eq!(list.next_update - list.crl.this_update(), Duration::days(3), "{}", list.path.display());
    }
    compare_opinions(&objects);
    root.verify_all();
    root.verify_log();
}
