// The signed-in member's own page, and the organization's.
import { NameForm } from "@/features/accounts/name-form";
import { PasswordForm } from "@/features/accounts/password-form";
import { OrganizationForm } from "@/features/accounts/organization-form";
import { Preferences } from "@/features/accounts/preferences";
import { useHead } from "@/lib/head";
import { useSay } from "@/lib/say";
import { useMay, useViewer, type SignedIn } from "@/lib/viewer";
import { useIntl } from "react-intl";
import { KeyValue, PageHeader, Section } from "@/ui/page";
import { Notice, Skeleton } from "@/ui/state";

export function Profile() {
  const say = useSay();
  useHead(say("usage.profile.title"));
  const viewer = useViewer();
  return (
    <>
      <PageHeader title={say("usage.profile.title")} lead={say("usage.profile.lead")} />
      {viewer === null ? <Skeleton lines={10} /> : <Sections viewer={viewer} />}
    </>
  );
}

function Sections({ viewer }: { viewer: SignedIn }) {
  const say = useSay();
  const mayChange = useMay("ORGANIZATION_WRITE");
  return (
    <>
      <Section title={say("usage.profile.you")}>
        <You viewer={viewer} />
        {viewer.member?.name != null && <NameForm key={viewer.member.name} name={viewer.member.name} />}
      </Section>
      <Section title={say("usage.profile.preferences")} note={say("usage.profile.preferences.note")}>
        <Preferences />
      </Section>
      <Section title={say("usage.password.title")} note={say("usage.password.note")}>
        <PasswordForm />
      </Section>
      <Section title={say("usage.organization.title")} note={say("usage.organization.note")}>
        {mayChange ? (
          <OrganizationForm key={viewer.organization.id} organization={viewer.organization} />
        ) : (
          <>
            <Organization viewer={viewer} />
            <Notice>{say("usage.organization.readOnly")}</Notice>
          </>
        )}
      </Section>
    </>
  );
}

function You({ viewer: { member, scopes, isOperator } }: { viewer: SignedIn }) {
  const say = useSay();
  const intl = useIntl();
  if (member === null) return null;
  return (
    <KeyValue
      entries={[
        [say("usage.members.name"), member.name === null ? null : <bdi key="name">{member.name}</bdi>],
        [say("usage.members.email"), member.email === null ? null : <bdi key="email">{member.email}</bdi>],
        [say("usage.members.role"), `${say(`usage.role.${member.role}`)} · ${say(`usage.role.${member.role}.note`)}`],
        [say("usage.profile.may"), intl.formatList(scopes.filter((scope) => isOperator || scope !== "OPERATE").map((scope) => say(`usage.scope.${scope}`)), { type: "unit" })],
      ]}
    />
  );
}

function Organization({ viewer: { organization } }: { viewer: SignedIn }) {
  const say = useSay();
  const { locale } = useIntl();
  const { name, country, timeZone, currencyCode } = organization;
  return (
    <KeyValue
      entries={[
        [say("usage.organization.name"), <bdi key="name">{name}</bdi>],
        [say("usage.organization.country"), country === null ? null : (new Intl.DisplayNames(locale, { type: "region" }).of(country) ?? country)],
        [say("usage.organization.timeZone"), timeZone],
        [say("usage.organization.currency"), currencyCode],
      ]}
    />
  );
}
