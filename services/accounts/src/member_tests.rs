//! Given/when/then for members.

use super::*;
use kernel::testing::given;
use uuid::Uuid;

const MEMBER: MemberId = MemberId::new(Uuid::from_u128(2));
const ORGANIZATION: OrganizationId = OrganizationId::new(Uuid::from_u128(1));

fn sealed(text: &str) -> Sealed {
    Sealed { subject: MEMBER.uuid(), ciphertext: text.to_owned() }
}

fn person(role: Role) -> Joined {
    Joined {
        member: MEMBER,
        organization: ORGANIZATION,
        email: sealed("ZW1haWw="),
        email_index: "9f86d081".to_owned(),
        name: sealed("bmFtZQ=="),
        password: sealed("aGFzaA=="),
        role,
    }
}

fn joined(role: Role) -> Event {
    Event::Joined(person(role))
}

fn role_changed(role: Role) -> Event {
    Event::RoleChanged(RoleChanged { member: MEMBER, organization: ORGANIZATION, role })
}

fn removed() -> Event {
    Event::Removed(Removed { member: MEMBER, organization: ORGANIZATION, email_index: "9f86d081".to_owned() })
}

#[test]
fn the_first_member_owns_the_organization() {
    let join = |role| Command::Join { person: person(role), by: None };
    given::<Member>(&[]).when(join(Role::Owner)).then(&[joined(Role::Owner)]);
    given::<Member>(&[]).when(join(Role::Admin)).rejected("MEMBER_FOUNDER_NOT_OWNER");
}

#[test]
fn an_admin_adds_anyone_but_owners() {
    let join = |role| Command::Join { person: person(role), by: Some(Role::Admin) };
    given::<Member>(&[]).when(join(Role::Admin)).then(&[joined(Role::Admin)]);
    given::<Member>(&[]).when(join(Role::Owner)).rejected("MEMBER_OWNER_NEEDED");
}

#[test]
fn a_member_joins_once() {
    let join = Command::Join { person: person(Role::Owner), by: None };
    given::<Member>(&[joined(Role::Owner)]).when(join).rejected("MEMBER_ALREADY_JOINED");
}

#[test]
fn nothing_is_asked_of_a_person_who_has_not_joined() {
    let commands = [
        Command::ChangeRole { role: Role::Viewer, by: Role::Owner },
        Command::ChangeName { name: sealed("bmV3") },
        Command::ChangePassword { password: sealed("bmV3") },
        Command::Remove { by: Role::Owner },
    ];
    for command in commands {
        given::<Member>(&[]).when(command).rejected("MEMBER_NOT_JOINED");
    }
}

#[test]
fn personal_text_sealed_with_another_key_is_refused() {
    let foreign = Sealed { subject: Uuid::from_u128(99), ciphertext: "eA==".to_owned() };
    let persons = [
        Joined { email: foreign.clone(), ..person(Role::Owner) },
        Joined { name: foreign.clone(), ..person(Role::Owner) },
        Joined { password: foreign.clone(), ..person(Role::Owner) },
    ];
    for person in persons {
        given::<Member>(&[]).when(Command::Join { person, by: None }).rejected("MEMBER_SEAL_NOT_OWN");
    }
    given::<Member>(&[joined(Role::Owner)])
        .when(Command::ChangePassword { password: foreign })
        .rejected("MEMBER_SEAL_NOT_OWN");
}

#[test]
fn sealed_texts_are_bounded() {
    for text in ["", &"x".repeat(4_097)] {
        given::<Member>(&[joined(Role::Owner)])
            .when(Command::ChangePassword { password: sealed(text) })
            .rejected("MEMBER_SEAL_SIZE");
    }
}

#[test]
fn the_email_index_is_plain_and_bounded() {
    for index in ["", "a b", "é", &"x".repeat(129)] {
        let person = Joined { email_index: index.to_owned(), ..person(Role::Owner) };
        given::<Member>(&[]).when(Command::Join { person, by: None }).rejected("MEMBER_EMAIL_INDEX_INVALID");
    }
}

#[test]
fn an_admin_changes_roles_below_owner() {
    let change = |role| Command::ChangeRole { role, by: Role::Admin };
    given::<Member>(&[joined(Role::Viewer)]).when(change(Role::Finance)).then(&[role_changed(Role::Finance)]);
    given::<Member>(&[joined(Role::Viewer)]).when(change(Role::Owner)).rejected("MEMBER_OWNER_NEEDED");
    given::<Member>(&[joined(Role::Owner)]).when(change(Role::Viewer)).rejected("MEMBER_OWNER_NEEDED");
}

#[test]
fn an_owner_makes_and_unmakes_owners() {
    let change = |role| Command::ChangeRole { role, by: Role::Owner };
    given::<Member>(&[joined(Role::Viewer)]).when(change(Role::Owner)).then(&[role_changed(Role::Owner)]);
    given::<Member>(&[joined(Role::Owner)]).when(change(Role::Viewer)).then(&[role_changed(Role::Viewer)]);
}

#[test]
fn the_same_role_again_records_nothing() {
    let past = [joined(Role::Viewer), role_changed(Role::Finance)];
    given::<Member>(&past).when(Command::ChangeRole { role: Role::Finance, by: Role::Admin }).then(&[]);
}

#[test]
fn a_new_password_is_recorded_and_the_same_seal_is_not() {
    let changed = Event::PasswordChanged(PasswordChanged { member: MEMBER, password: sealed("bmV3") });
    let command = Command::ChangePassword { password: sealed("bmV3") };
    let past = [joined(Role::Viewer), changed.clone()];
    given::<Member>(&past[..1]).when(command.clone()).then(&[changed]);
    given::<Member>(&past).when(command).then(&[]);
}

#[test]
fn only_an_owner_removes_an_owner() {
    let remove = |by| Command::Remove { by };
    given::<Member>(&[joined(Role::Owner)]).when(remove(Role::Admin)).rejected("MEMBER_OWNER_NEEDED");
    given::<Member>(&[joined(Role::Owner)]).when(remove(Role::Owner)).then(&[removed()]);
    given::<Member>(&[joined(Role::Viewer)]).when(remove(Role::Admin)).then(&[removed()]);
}

#[test]
fn a_removed_member_can_do_nothing() {
    let past = [joined(Role::Owner), removed()];
    let commands = [
        Command::Join { person: person(Role::Owner), by: None },
        Command::ChangeRole { role: Role::Viewer, by: Role::Owner },
        Command::ChangeName { name: sealed("bmV3") },
        Command::ChangePassword { password: sealed("bmV3") },
    ];
    for command in commands {
        given::<Member>(&past).when(command).rejected("MEMBER_REMOVED");
    }
    given::<Member>(&past).when(Command::Remove { by: Role::Owner }).then(&[]);
}

#[test]
fn a_member_goes_by_another_name() {
    let changed = |name: &str| Event::NameChanged(NameChanged { member: MEMBER, name: sealed(name) });
    let command = Command::ChangeName { name: sealed("bmV3") };
    given::<Member>(&[joined(Role::Viewer)]).when(command.clone()).then(&[changed("bmV3")]);
    given::<Member>(&[joined(Role::Viewer), changed("b2xk")]).when(command).then(&[changed("bmV3")]);
}

#[test]
fn a_name_is_sealed_with_the_members_own_key_and_bounded() {
    let foreign = Sealed { subject: Uuid::from_u128(9), ciphertext: "bmV3".to_owned() };
    given::<Member>(&[joined(Role::Owner)]).when(Command::ChangeName { name: foreign }).rejected("MEMBER_SEAL_NOT_OWN");
    for text in ["", &"x".repeat(CIPHERTEXT_LENGTH_MAX + 1)] {
        given::<Member>(&[joined(Role::Owner)])
            .when(Command::ChangeName { name: sealed(text) })
            .rejected("MEMBER_SEAL_SIZE");
    }
}
