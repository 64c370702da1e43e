//! The rules of an organization: it registers once, describes itself, and can be stopped by the operator.
//!
//! That its name is free is a claim, made at the edge before the command.

use kernel::decider::{Context, Decider};
use kernel::error::ErrorCode;
use kernel::id::OrganizationId;
use kernel::localized::{InvalidText, required};

use crate::published::organization::{
    Event, OperatorAppointed, Profile, ProfileChanged, Registered, Reinstated, Suspended,
};

/// The longest name, in characters.
pub const NAME_LENGTH_MAX: usize = 120;
/// The longest reason of a suspension, in characters.
pub const REASON_LENGTH_MAX: usize = 500;

/// What is asked of an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Join the platform.
    Register {
        /// Its id, fresh.
        organization: OrganizationId,
        /// What it says of itself.
        profile: Profile,
    },
    /// Describe itself anew.
    ChangeProfile {
        /// What it says of itself now.
        profile: Profile,
    },
    /// Make it the operator of the platform. The edge asks this of one organization only.
    AppointOperator,
    /// Stop it from calling, buying and selling.
    Suspend {
        /// Why, 1 to 500 characters.
        reason: String,
    },
    /// Let it act again.
    Reinstate,
}

/// What is known of an organization.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Nothing: it has not registered.
    #[default]
    Absent,
    /// It takes part.
    Registered(Standing),
}

/// How a registered organization stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its id.
    pub organization: OrganizationId,
    /// What it says of itself.
    pub profile: Profile,
    /// Whether it operates the platform.
    pub operator: bool,
    /// Whether it is stopped.
    pub suspended: bool,
}

/// The rule that said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// It registers once.
    #[error("the organization is registered already")]
    AlreadyRegistered,
    /// Nothing can be asked of it before.
    #[error("the organization is not registered")]
    NotRegistered,
    /// The name is unfit.
    #[error("the organization's name: {0}")]
    Name(InvalidText),
    /// The country has another shape than ISO 3166-1 alpha-2.
    #[error("the country is two capital letters (ISO 3166-1 alpha-2)")]
    Country,
    /// The reason is unfit.
    #[error("the reason: {0}")]
    Reason(InvalidText),
    /// Nobody could reinstate it.
    #[error("the operator of the platform cannot be suspended")]
    OperatorNotSuspendable,
    /// A stopped organization cannot operate.
    #[error("a suspended organization cannot become the operator")]
    SuspendedNotAppointable,
}

impl kernel::error::Rejection for Rejection {
    fn code(&self) -> ErrorCode {
        ErrorCode(match self {
            Self::AlreadyRegistered => "ORGANIZATION_ALREADY_REGISTERED",
            Self::NotRegistered => "ORGANIZATION_NOT_REGISTERED",
            Self::Name(_) => "ORGANIZATION_NAME_INVALID",
            Self::Country => "ORGANIZATION_COUNTRY_INVALID",
            Self::Reason(_) => "ORGANIZATION_REASON_INVALID",
            Self::OperatorNotSuspendable => "OPERATOR_NOT_SUSPENDABLE",
            Self::SuspendedNotAppointable => "SUSPENDED_NOT_APPOINTABLE",
        })
    }
}

/// Decides for the stream of one organization.
#[derive(Clone, Copy, Debug)]
pub struct Organization;

impl Decider for Organization {
    type Command = Command;
    type Event = Event;
    type State = State;
    type Rejection = Rejection;

    fn initial() -> State {
        State::Absent
    }

    fn decide(state: &State, command: Command, _: &Context) -> Result<Vec<Event>, Rejection> {
        match (state, command) {
            (State::Absent, Command::Register { organization, profile }) => register(organization, &profile),
            (State::Registered(_), Command::Register { .. }) => Err(Rejection::AlreadyRegistered),
            (State::Registered(standing), Command::ChangeProfile { profile }) => change_profile(standing, &profile),
            (State::Registered(standing), Command::AppointOperator) => appoint(standing),
            (State::Registered(standing), Command::Suspend { reason }) => suspend(standing, &reason),
            (State::Registered(standing), Command::Reinstate) => Ok(reinstate(standing)),
            (
                State::Absent,
                Command::ChangeProfile { .. } | Command::AppointOperator | Command::Suspend { .. } | Command::Reinstate,
            ) => Err(Rejection::NotRegistered),
        }
    }

    fn evolve(state: State, event: &Event) -> State {
        match (state, event) {
            (_, Event::Registered(fact)) => State::Registered(Standing {
                organization: fact.organization,
                profile: fact.profile.clone(),
                operator: false,
                suspended: false,
            }),
            (State::Registered(standing), event) => State::Registered(stand(standing, event)),
            (State::Absent, _) => State::Absent,
        }
    }
}

fn stand(standing: Standing, event: &Event) -> Standing {
    match event {
        Event::Registered(_) => standing,
        Event::ProfileChanged(fact) => Standing { profile: fact.profile.clone(), ..standing },
        Event::OperatorAppointed(_) => Standing { operator: true, ..standing },
        Event::Suspended(_) => Standing { suspended: true, ..standing },
        Event::Reinstated(_) => Standing { suspended: false, ..standing },
    }
}

fn register(organization: OrganizationId, profile: &Profile) -> Result<Vec<Event>, Rejection> {
    let profile = checked(profile)?;
    Ok(vec![Event::Registered(Registered { organization, profile })])
}

fn change_profile(standing: &Standing, profile: &Profile) -> Result<Vec<Event>, Rejection> {
    let profile = checked(profile)?;
    if profile == standing.profile {
        return Ok(Vec::new());
    }
    Ok(vec![Event::ProfileChanged(ProfileChanged { organization: standing.organization, profile })])
}

fn appoint(standing: &Standing) -> Result<Vec<Event>, Rejection> {
    if standing.suspended {
        return Err(Rejection::SuspendedNotAppointable);
    }
    if standing.operator {
        return Ok(Vec::new());
    }
    Ok(vec![Event::OperatorAppointed(OperatorAppointed { organization: standing.organization })])
}

fn suspend(standing: &Standing, reason: &str) -> Result<Vec<Event>, Rejection> {
    let reason = required(reason, REASON_LENGTH_MAX).map_err(Rejection::Reason)?;
    if standing.operator {
        return Err(Rejection::OperatorNotSuspendable);
    }
    if standing.suspended {
        return Ok(Vec::new());
    }
    Ok(vec![Event::Suspended(Suspended { organization: standing.organization, reason })])
}

fn reinstate(standing: &Standing) -> Vec<Event> {
    if standing.suspended {
        vec![Event::Reinstated(Reinstated { organization: standing.organization })]
    } else {
        Vec::new()
    }
}

/// The profile with its name trimmed, or the rule it breaks. Zone and currency are checked by their types.
fn checked(profile: &Profile) -> Result<Profile, Rejection> {
    let name = required(&profile.name, NAME_LENGTH_MAX).map_err(Rejection::Name)?;
    let country = profile.country.as_bytes();
    if country.len() != 2 || !country.iter().all(u8::is_ascii_uppercase) {
        return Err(Rejection::Country);
    }
    Ok(Profile { name, ..profile.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::money::Currency;
    use kernel::testing::given;
    use uuid::Uuid;

    const ID: OrganizationId = OrganizationId::new(Uuid::from_u128(1));

    fn profile(name: &str) -> Profile {
        Profile {
            name: name.to_owned(),
            country: "CN".to_owned(),
            zone: "Asia/Shanghai".parse().unwrap(),
            currency: Currency::Cny,
        }
    }

    fn registered() -> Event {
        Event::Registered(Registered { organization: ID, profile: profile("Hutong Data") })
    }

    fn appointed() -> Event {
        Event::OperatorAppointed(OperatorAppointed { organization: ID })
    }

    fn suspended() -> Event {
        Event::Suspended(Suspended { organization: ID, reason: "unpaid".to_owned() })
    }

    fn reinstated() -> Event {
        Event::Reinstated(Reinstated { organization: ID })
    }

    fn register(profile: Profile) -> Command {
        Command::Register { organization: ID, profile }
    }

    fn suspend(reason: &str) -> Command {
        Command::Suspend { reason: reason.to_owned() }
    }

    #[test]
    fn an_organization_registers_under_its_trimmed_name() {
        given::<Organization>(&[]).when(register(profile("  Hutong Data\n"))).then(&[registered()]);
    }

    #[test]
    fn an_organization_registers_once() {
        let again = register(profile("Hutong Data"));
        given::<Organization>(&[registered()]).when(again).rejected("ORGANIZATION_ALREADY_REGISTERED");
    }

    #[test]
    fn nothing_is_asked_of_an_organization_that_is_not_registered() {
        let commands = [
            Command::ChangeProfile { profile: profile("Hutong Data") },
            Command::AppointOperator,
            suspend("unpaid"),
            Command::Reinstate,
        ];
        for command in commands {
            given::<Organization>(&[]).when(command).rejected("ORGANIZATION_NOT_REGISTERED");
        }
    }

    #[test]
    fn a_name_is_1_to_120_characters() {
        given::<Organization>(&[]).when(register(profile(" "))).rejected("ORGANIZATION_NAME_INVALID");
        given::<Organization>(&[]).when(register(profile(&"算".repeat(121)))).rejected("ORGANIZATION_NAME_INVALID");
        let longest = profile(&"算".repeat(120));
        let expected = Event::Registered(Registered { organization: ID, profile: longest.clone() });
        given::<Organization>(&[]).when(register(longest)).then(&[expected]);
    }

    #[test]
    fn a_country_is_two_capital_letters() {
        for country in ["", "C", "cn", "CHN", "C1", "中", "\u{ff23}N"] {
            let profile = Profile { country: country.to_owned(), ..profile("Hutong Data") };
            given::<Organization>(&[]).when(register(profile)).rejected("ORGANIZATION_COUNTRY_INVALID");
        }
    }

    #[test]
    fn a_changed_profile_is_recorded_and_the_same_one_is_not() {
        let changed = Event::ProfileChanged(ProfileChanged { organization: ID, profile: profile("Hutong AI") });
        let command = Command::ChangeProfile { profile: profile("Hutong AI") };
        given::<Organization>(&[registered()]).when(command.clone()).then(std::slice::from_ref(&changed));
        given::<Organization>(&[registered(), changed]).when(command).then(&[]);
    }

    #[test]
    fn a_changed_profile_is_checked_like_the_first() {
        let command = Command::ChangeProfile { profile: profile("a\u{202e}b") };
        given::<Organization>(&[registered()]).when(command).rejected("ORGANIZATION_NAME_INVALID");
    }

    #[test]
    fn an_operator_is_appointed_once() {
        given::<Organization>(&[registered()]).when(Command::AppointOperator).then(&[appointed()]);
        given::<Organization>(&[registered(), appointed()]).when(Command::AppointOperator).then(&[]);
    }

    #[test]
    fn a_suspended_organization_does_not_become_the_operator() {
        given::<Organization>(&[registered(), suspended()])
            .when(Command::AppointOperator)
            .rejected("SUSPENDED_NOT_APPOINTABLE");
    }

    #[test]
    fn the_operator_cannot_be_suspended() {
        given::<Organization>(&[registered(), appointed()])
            .when(suspend("unpaid"))
            .rejected("OPERATOR_NOT_SUSPENDABLE");
    }

    #[test]
    fn a_suspension_has_a_reason_of_1_to_500_characters() {
        for reason in ["", " \n", &"x".repeat(501)] {
            given::<Organization>(&[registered()]).when(suspend(reason)).rejected("ORGANIZATION_REASON_INVALID");
        }
    }

    #[test]
    fn suspending_twice_records_once() {
        given::<Organization>(&[registered()]).when(suspend("unpaid")).then(&[suspended()]);
        given::<Organization>(&[registered(), suspended()]).when(suspend("spam")).then(&[]);
    }

    #[test]
    fn a_reinstated_organization_can_be_suspended_again() {
        given::<Organization>(&[registered()]).when(Command::Reinstate).then(&[]);
        given::<Organization>(&[registered(), suspended()]).when(Command::Reinstate).then(&[reinstated()]);
        let past = [registered(), suspended(), reinstated()];
        given::<Organization>(&past).when(suspend("unpaid")).then(&[suspended()]);
    }
}
