import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { projectsQuery } from "../../api/projects.ts";
import { ButtonLink } from "../../parts/links.tsx";
import { Page } from "../../parts/page.tsx";
import { Failure, Nothing, Waiting } from "../../parts/states.tsx";
import { DropFile } from "./drop-file.tsx";
import { OpenDrafts } from "./open-drafts.tsx";
import { ServiceList } from "./service-list.tsx";
import { servicesOf } from "./services.ts";
import classes from "./upload-page.module.css";

const route = getRouteApi("/signed-in/upload");

/** Choosing what a file is about, and giving it. */
export function UploadPage() {
  const { service: key } = route.useSearch();
  const navigate = useNavigate();
  const projects = useQuery(projectsQuery);
  const services = servicesOf(projects.data ?? []);
  const chosen = services.length === 1 ? services[0] : services.find((service) => service.key === key);
  const choose = (service: string) => void navigate({ to: "/upload", search: { service }, replace: true });
  return (
    <Page
      title="Upload a file"
      lead="Choose what the file is about, then give it. It is checked before anything is imported."
    >
      {projects.isPending && <Waiting lines={8} />}
      {projects.isError && <Failure error={projects.error} retry={() => void projects.refetch()} />}
      {projects.isSuccess && services.length === 0 && (
        <Nothing
          title="There is nothing to upload for yet"
          action={<ButtonLink to="/activity">Go to Activity</ButtonLink>}
        >
          A file belongs to a project. As soon as somebody has set one up for you, it is offered here.
        </Nothing>
      )}
      {services.length > 0 && (
        <div className={classes.columns}>
          {services.length > 1 && <ServiceList services={services} chosen={chosen?.key} onChoose={choose} />}
          <Stack gap="lg" className={classes.give}>
            <DropFile service={chosen} />
            <OpenDrafts />
          </Stack>
        </div>
      )}
    </Page>
  );
}
