import type { Problem, ProfileInput } from "@inlet/contracts";
import { Alert, Stack } from "@mantine/core";
import { type ComponentType, useEffect } from "react";
import { Problems } from "../../../profile-parts/problems.ts";
import { BasicsSection } from "./basics-section.tsx";
import { DeliverySection } from "./delivery-section.tsx";
import { EmailSection } from "./email-section.tsx";
import { whyNoForm } from "./form-shape.ts";
import classes from "./form-view.module.css";
import { IncomingSection } from "./incoming-section.tsx";
import { LinksSection } from "./links-section.tsx";
import { MonitoringSection } from "./monitoring-section.tsx";
import type { FormSectionProps } from "./parts.ts";
import { RecipientsSection } from "./recipients-section.tsx";
import { RetentionSection } from "./retention-section.tsx";
import { RunSection } from "./run-section.tsx";
import { SystemSection } from "./system-section.tsx";
import { TablesSection } from "./tables-section.tsx";

interface FormSection {
  id: string;
  name: string;
  section: ComponentType<FormSectionProps>;
  /** It is about projects of this source alone. */
  of?: "pull";
}

const SECTIONS: readonly FormSection[] = [
  { id: "basics", name: "Name and folders", section: BasicsSection },
  { id: "system", name: "System", section: SystemSection, of: "pull" },
  { id: "recipients", name: "Whom to tell", section: RecipientsSection },
  { id: "monitoring", name: "Import monitoring", section: MonitoringSection },
  { id: "run", name: "When", section: RunSection },
  { id: "tables", name: "Tables", section: TablesSection },
  { id: "links", name: "Personal links", section: LinksSection },
  { id: "retention", name: "How long files are kept", section: RetentionSection },
  { id: "delivery", name: "What goes back", section: DeliverySection },
  { id: "incoming", name: "What comes in", section: IncomingSection },
  { id: "email", name: "Files by e-mail", section: EmailSection },
];

interface FormViewProps {
  value: unknown;
  problems: readonly Problem[];
  onChange: (profile: ProfileInput) => void;
}

/** A profile as a form. Settings that it has no field for are kept as they are. */
export function FormView({ value, problems, onChange }: FormViewProps) {
  const why = whyNoForm(value);
  useEffect(() => {
    // The page was not there yet when the browser looked for what the address names.
    const named = document.getElementById(window.location.hash.slice(1));
    if (window.location.hash !== "") named?.scrollIntoView();
  }, []);
  if (why !== undefined) {
    return (
      <Alert color="yellow" variant="light" title="The form cannot show this profile">
        {why} Mend it in the YAML.
      </Alert>
    );
  }
  const profile = value as ProfileInput;
  const sections = SECTIONS.filter(({ of }) => of === undefined || of === profile.source?.kind);
  return (
    <Problems value={problems}>
      <div className={classes.columns}>
        <nav className={classes.contents} aria-label="Sections of the profile">
          {sections.map(({ id, name }) => (
            <a key={id} href={`#${id}`}>
              {name}
            </a>
          ))}
        </nav>
        <Stack gap="lg" className={classes.sections}>
          {sections.map(({ id, section: Part }) => (
            <div key={id} id={id} className={classes.section}>
              <Part profile={profile} onChange={onChange} />
            </div>
          ))}
        </Stack>
      </div>
    </Problems>
  );
}
