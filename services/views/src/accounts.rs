//! Organizations, living members and API keys.
//!
//! A removed member's row is gone: its sealed fields are wanted nowhere any more.

use accounts::published::actor::{Role, Scope, Scopes};
use accounts::published::{api_key, member, organization};
use jiff::Timestamp;
use kernel::event::Recorded;
use kernel::id::{ApiKeyId, MemberId, OrganizationId};
use kernel::sealed::Sealed;
use rusqlite::{Connection, Row};

use crate::page::{Conditions, List, Page, PageError, PageRequest};
use crate::projection::{ApplyError, found};
use crate::sql::{self, Instant, Json, Text, Whole};
use crate::store::{Fault, Views};

pub(crate) const SCHEMA: &str = "
    CREATE TABLE organization (
        position INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        profile TEXT NOT NULL,
        name_folded TEXT NOT NULL,
        operator INTEGER NOT NULL,
        suspended TEXT,
        registered_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX organization_operator ON organization (position) WHERE operator = 1;
    CREATE INDEX organization_suspended ON organization (position) WHERE suspended IS NOT NULL;
    CREATE TABLE member (
        position INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        organization TEXT NOT NULL,
        email TEXT NOT NULL,
        email_index TEXT NOT NULL,
        name TEXT NOT NULL,
        password TEXT NOT NULL,
        role TEXT NOT NULL,
        joined_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX member_organization ON member (organization, position);
    -- Not unique: claims keep names apart, and what is recorded has to be applied. The first one answers to a name.
    CREATE INDEX member_email ON member (email_index);
    CREATE TABLE api_key (
        position INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        organization TEXT NOT NULL,
        label TEXT NOT NULL,
        label_folded TEXT NOT NULL,
        prefix TEXT NOT NULL,
        secret_sha256 TEXT NOT NULL UNIQUE,
        scopes TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        revoked_at INTEGER
    ) STRICT;
    CREATE INDEX api_key_organization ON api_key (organization, position);
";

/// An organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// What it says of itself.
    pub profile: organization::Profile,
    /// Whether it operates the platform.
    pub operator: bool,
    /// Why it is suspended, if it is.
    pub suspended: Option<String>,
    /// When it joined.
    pub registered_at: Timestamp,
}

/// Which organizations; all where nothing is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrganizationFilter {
    /// With this id, or with this text in the name, upper and lower case alike.
    pub search: Option<String>,
    /// Only those that operate the platform, or only the others.
    pub operator: Option<bool>,
    /// Only those that are suspended, or only the others.
    pub suspended: Option<bool>,
}

impl OrganizationFilter {
    fn conditions(&self) -> rusqlite::Result<Conditions> {
        let search = self.search.as_ref().map(|search| folded(search.trim()));
        Conditions::default()
            .and_if(
                "EXISTS (SELECT 1 FROM (SELECT ? AS term) WHERE instr(name_folded, term) > 0 OR id = term)",
                search,
            )?
            .and_if("operator = ?", self.operator)?
            .and_if("(suspended IS NOT NULL) = ?", self.suspended)
    }
}

fn folded(text: &str) -> String {
    text.to_lowercase()
}

/// Which members of an organization; all where nothing more is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemberFilter {
    /// Where they belong.
    pub organization: OrganizationId,
    /// With this role.
    pub role: Option<Role>,
}

/// In which order members are listed. Their names are sealed, so none goes by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MemberOrder {
    /// Who joined first comes first.
    #[default]
    Joined,
    /// Who joined last comes first.
    Newest,
    /// Who may do most comes first.
    Role,
}

/// Which API keys of an organization; all where nothing more is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKeyFilter {
    /// Whose they are.
    pub organization: OrganizationId,
    /// With this text in the label, upper and lower case alike, or a secret that begins with it.
    pub search: Option<String>,
    /// Only those that were revoked, or only those that work.
    pub revoked: Option<bool>,
    /// That may do this.
    pub scope: Option<Scope>,
}

impl ApiKeyFilter {
    fn conditions(&self) -> rusqlite::Result<Conditions> {
        let search = self.search.as_ref().map(|search| search.trim());
        let conditions = Conditions::default()
            .and_if("organization = ?", Some(Text(self.organization)))?
            .and_if("(revoked_at IS NOT NULL) = ?", self.revoked)?
            .and_if("EXISTS (SELECT 1 FROM json_each(scopes) WHERE value = ?)", self.scope.map(Text))?;
        Ok(match search {
            Some(search) => {
                let found = "(instr(label_folded, ?) > 0 OR instr(prefix, ?) = 1)";
                conditions.and_values(found, vec![folded(search).into(), search.to_owned().into()])
            }
            None => conditions,
        })
    }
}

/// In which order API keys are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ApiKeyOrder {
    /// The newest first.
    #[default]
    Newest,
    /// The oldest first.
    Oldest,
    /// By label.
    Label,
}

/// A member. What is personal stays sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The member.
    pub id: MemberId,
    /// The organization.
    pub organization: OrganizationId,
    /// The e-mail address.
    pub email: Sealed,
    /// The person's name.
    pub name: Sealed,
    /// The argon2id hash of the password in PHC format.
    pub password: Sealed,
    /// What the person may do.
    pub role: Role,
    /// When the person joined.
    pub joined_at: Timestamp,
}

/// An API key, working or revoked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// The key's id.
    pub id: ApiKeyId,
    /// Whose it is.
    pub organization: OrganizationId,
    /// What its owner calls it.
    pub label: String,
    /// The first characters of the secret.
    pub prefix: String,
    /// SHA-256 of the whole secret, hexadecimal.
    pub secret_sha256: String,
    /// What it may do.
    pub scopes: Scopes,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stopped working, if it did.
    pub revoked_at: Option<Timestamp>,
}

const ORGANIZATION: &str = "id, profile, operator, suspended, registered_at";
const MEMBER: &str = "id, organization, email, name, password, role, joined_at";
/// The roles, from who may do most to who may do least.
const ROLE_RANK: &str = "CASE role WHEN 'owner' THEN 0 WHEN 'admin' THEN 1 WHEN 'developer' THEN 2
    WHEN 'finance' THEN 3 ELSE 4 END";
const API_KEY: &str = "id, organization, label, prefix, secret_sha256, scopes, created_at, revoked_at";

fn read_organization(row: &Row<'_>) -> rusqlite::Result<Organization> {
    Ok(Organization {
        id: sql::text(row, "id")?,
        profile: sql::json(row, "profile")?,
        operator: row.get("operator")?,
        suspended: row.get("suspended")?,
        registered_at: sql::instant(row, "registered_at")?,
    })
}

fn read_member(row: &Row<'_>) -> rusqlite::Result<Member> {
    Ok(Member {
        id: sql::text(row, "id")?,
        organization: sql::text(row, "organization")?,
        email: sql::json(row, "email")?,
        name: sql::json(row, "name")?,
        password: sql::json(row, "password")?,
        role: sql::text(row, "role")?,
        joined_at: sql::instant(row, "joined_at")?,
    })
}

fn read_api_key(row: &Row<'_>) -> rusqlite::Result<ApiKey> {
    Ok(ApiKey {
        id: sql::text(row, "id")?,
        organization: sql::text(row, "organization")?,
        label: row.get("label")?,
        prefix: row.get("prefix")?,
        secret_sha256: row.get("secret_sha256")?,
        scopes: sql::json(row, "scopes")?,
        created_at: sql::instant(row, "created_at")?,
        revoked_at: sql::optional_instant(row, "revoked_at")?,
    })
}

impl Views {
    /// An organization by its id.
    pub fn organization(&self, id: OrganizationId) -> Result<Option<Organization>, Fault> {
        let text = format!("SELECT {ORGANIZATION} FROM organization WHERE id = ?1");
        self.one(&text, [Text(id)], read_organization)
    }

    /// Organizations, newest first.
    pub fn organizations(
        &self,
        filter: &OrganizationFilter,
        page: &PageRequest,
    ) -> Result<Page<Organization>, PageError> {
        let list = List {
            name: "organizations",
            columns: ORGANIZATION,
            from: "organization",
            term: None,
            key: &["position"],
            descending: true,
            conditions: filter.conditions()?,
            read: read_organization,
        };
        self.read(|connection| list.page(connection, page))
    }

    /// The organization that operates the platform, once appointed.
    pub fn operator(&self) -> Result<Option<Organization>, Fault> {
        let text = format!("SELECT {ORGANIZATION} FROM organization WHERE operator = 1 ORDER BY position LIMIT 1");
        self.one(&text, [], read_organization)
    }

    /// The organizations that are suspended.
    pub fn suspended(&self) -> Result<Vec<OrganizationId>, Fault> {
        let text = "SELECT id FROM organization WHERE suspended IS NOT NULL ORDER BY position";
        self.all(text, [], |row| sql::text(row, "id"))
    }

    /// A living member by its id.
    pub fn member(&self, id: MemberId) -> Result<Option<Member>, Fault> {
        let text = format!("SELECT {MEMBER} FROM member WHERE id = ?1");
        self.one(&text, [Text(id)], read_member)
    }

    /// A living member by the keyed hash of its e-mail address.
    pub fn member_by_email_index(&self, email_index: &str) -> Result<Option<Member>, Fault> {
        let text = format!("SELECT {MEMBER} FROM member WHERE email_index = ?1 ORDER BY position LIMIT 1");
        self.one(&text, [email_index], read_member)
    }

    /// The living members of an organization.
    pub fn members(
        &self,
        filter: &MemberFilter,
        order: MemberOrder,
        page: &PageRequest,
    ) -> Result<Page<Member>, PageError> {
        let (name, key, descending): (_, &'static [&'static str], _) = match order {
            MemberOrder::Joined => ("members", &["position"], false),
            MemberOrder::Newest => ("members_newest", &["position"], true),
            MemberOrder::Role => ("members_role", &[ROLE_RANK, "position"], false),
        };
        let conditions = Conditions::default()
            .and_if("organization = ?", Some(Text(filter.organization)))?
            .and_if("role = ?", filter.role.map(Text))?;
        let list =
            List { name, columns: MEMBER, from: "member", term: None, key, descending, conditions, read: read_member };
        self.read(|connection| list.page(connection, page))
    }

    /// How many living members an organization has.
    pub fn member_count(&self, organization: OrganizationId) -> Result<u64, Fault> {
        let text = "SELECT COUNT(*) AS members FROM member WHERE organization = ?1";
        let members = self.one(text, [Text(organization)], |row| sql::whole(row, "members"))?;
        Ok(members.unwrap_or_default())
    }

    /// How many living owners an organization has.
    pub fn owner_count(&self, organization: OrganizationId) -> Result<u64, Fault> {
        let text = "SELECT COUNT(*) AS owners FROM member WHERE organization = ?1 AND role = ?2";
        let owners = self.one(text, (Text(organization), Text(Role::Owner)), |row| sql::whole(row, "owners"))?;
        Ok(owners.unwrap_or_default())
    }

    /// An API key by its id, working or revoked.
    pub fn api_key(&self, id: ApiKeyId) -> Result<Option<ApiKey>, Fault> {
        let text = format!("SELECT {API_KEY} FROM api_key WHERE id = ?1");
        self.one(&text, [Text(id)], read_api_key)
    }

    /// An organization's API keys.
    pub fn api_keys(
        &self,
        filter: &ApiKeyFilter,
        order: ApiKeyOrder,
        page: &PageRequest,
    ) -> Result<Page<ApiKey>, PageError> {
        let (name, key, descending): (_, &'static [&'static str], _) = match order {
            ApiKeyOrder::Newest => ("api_keys", &["position"], true),
            ApiKeyOrder::Oldest => ("api_keys_oldest", &["position"], false),
            ApiKeyOrder::Label => ("api_keys_label", &["label_folded", "position"], false),
        };
        let conditions = filter.conditions()?;
        let list = List {
            name,
            columns: API_KEY,
            from: "api_key",
            term: None,
            key,
            descending,
            conditions,
            read: read_api_key,
        };
        self.read(|connection| list.page(connection, page))
    }

    /// Every API key that works, for loading the hot state.
    pub fn live_api_keys(&self) -> Result<Vec<ApiKey>, Fault> {
        let text = format!("SELECT {API_KEY} FROM api_key WHERE revoked_at IS NULL ORDER BY position");
        self.all(&text, [], read_api_key)
    }
}

pub(crate) fn organization(to: &Connection, recorded: &Recorded<organization::Event>) -> Result<(), ApplyError> {
    use organization::Event;
    match &recorded.event {
        Event::Registered(fact) => registered(to, recorded, fact),
        Event::ProfileChanged(fact) => {
            let text = "UPDATE organization SET profile = ?2, name_folded = ?3 WHERE id = ?1";
            let name = folded(&fact.profile.name);
            found(sql::run(to, text, (Text(fact.organization), Json(&fact.profile), name))?)
        }
        Event::OperatorAppointed(fact) => {
            let text = "UPDATE organization SET operator = 1 WHERE id = ?1";
            found(sql::run(to, text, [Text(fact.organization)])?)
        }
        Event::Suspended(fact) => {
            let text = "UPDATE organization SET suspended = ?2 WHERE id = ?1";
            found(sql::run(to, text, (Text(fact.organization), &fact.reason))?)
        }
        Event::Reinstated(fact) => {
            let text = "UPDATE organization SET suspended = NULL WHERE id = ?1";
            found(sql::run(to, text, [Text(fact.organization)])?)
        }
    }
}

fn registered(
    to: &Connection,
    recorded: &Recorded<organization::Event>,
    fact: &organization::Registered,
) -> Result<(), ApplyError> {
    let text = "INSERT INTO organization (position, id, profile, name_folded, operator, registered_at)
        VALUES (?1, ?2, ?3, ?4, 0, ?5)";
    let (name, at) = (folded(&fact.profile.name), Instant(recorded.occurred_at));
    sql::run(to, text, (Whole(recorded.position.0), Text(fact.organization), Json(&fact.profile), name, at))?;
    Ok(())
}

pub(crate) fn member(to: &Connection, recorded: &Recorded<member::Event>) -> Result<(), ApplyError> {
    use member::Event;
    match &recorded.event {
        Event::Joined(fact) => joined(to, recorded, fact),
        Event::RoleChanged(fact) => {
            let text = "UPDATE member SET role = ?2 WHERE id = ?1";
            found(sql::run(to, text, (Text(fact.member), Text(fact.role)))?)
        }
        Event::NameChanged(fact) => {
            let text = "UPDATE member SET name = ?2 WHERE id = ?1";
            found(sql::run(to, text, (Text(fact.member), Json(&fact.name)))?)
        }
        Event::PasswordChanged(fact) => {
            let text = "UPDATE member SET password = ?2 WHERE id = ?1";
            found(sql::run(to, text, (Text(fact.member), Json(&fact.password)))?)
        }
        Event::Removed(fact) => found(sql::run(to, "DELETE FROM member WHERE id = ?1", [Text(fact.member)])?),
    }
}

fn joined(to: &Connection, recorded: &Recorded<member::Event>, fact: &member::Joined) -> Result<(), ApplyError> {
    let text = "INSERT INTO member
        (position, id, organization, email, email_index, name, password, role, joined_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    let row = (
        Whole(recorded.position.0),
        Text(fact.member),
        Text(fact.organization),
        Json(&fact.email),
        &fact.email_index,
        Json(&fact.name),
        Json(&fact.password),
        Text(fact.role),
        Instant(recorded.occurred_at),
    );
    sql::run(to, text, row)?;
    Ok(())
}

pub(crate) fn api_key(to: &Connection, recorded: &Recorded<api_key::Event>) -> Result<(), ApplyError> {
    use api_key::Event;
    match &recorded.event {
        Event::Created(fact) => created(to, recorded, fact),
        Event::Revoked(fact) => {
            let text = "UPDATE api_key SET revoked_at = ?2 WHERE id = ?1";
            found(sql::run(to, text, (Text(fact.api_key), Instant(recorded.occurred_at)))?)
        }
    }
}

fn created(to: &Connection, recorded: &Recorded<api_key::Event>, fact: &api_key::Created) -> Result<(), ApplyError> {
    let text = "INSERT INTO api_key
        (position, id, organization, label, label_folded, prefix, secret_sha256, scopes, created_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    let row = (
        Whole(recorded.position.0),
        Text(fact.api_key),
        Text(fact.organization),
        &fact.label,
        folded(&fact.label),
        &fact.prefix,
        &fact.secret_sha256,
        Json(&fact.scopes),
        Instant(recorded.occurred_at),
    );
    sql::run(to, text, row)?;
    Ok(())
}
