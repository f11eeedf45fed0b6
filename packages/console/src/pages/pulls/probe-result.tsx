import type { FieldShapeView, ProbeResult } from "@inlet/contracts";
import { count } from "@inlet/contracts/figures";
import { Code, Group, Text } from "@mantine/core";
import { columnsOf, DataTable } from "../../parts/data-table.tsx";
import { Section } from "../../parts/section.tsx";
import { Nothing } from "../../parts/states.tsx";
import classes from "./probe-result.module.css";

const column = columnsOf<FieldShapeView>();
const COLUMNS = [
  column.accessor("path", { header: "Field", cell: ({ getValue }) => <Code>{getValue()}</Code> }),
  column.display({
    id: "type",
    header: "Type",
    cell: ({ row: { original } }) => (
      <Text span style={{ whiteSpace: "nowrap" }}>
        {original.type}
        {original.isOptional && (
          <Text span fz="sm" c="var(--quiet)">
            , not in every item
          </Text>
        )}
      </Text>
    ),
  }),
  column.accessor("samples", {
    header: "Such as",
    meta: { grow: true },
    cell: ({ getValue }) => (
      <Group gap={6} className={classes.samples}>
        {[...new Set(getValue())].map((sample) => (
          <Code key={sample}>{sample}</Code>
        ))}
      </Group>
    ),
  }),
];

/** What a probe found: what an item looks like, and how the first would be as rows. */
export function ProbeResultSections({ probe, table }: { probe: ProbeResult; table: string }) {
  return (
    <>
      <Section
        title="What an item looks like"
        lead={
          <>
            Each field with its path, as a pull's <Code>fields</Code> take it. <Code>inlet pull init</Code> makes
            columns of them.
          </>
        }
        flush
      >
        {probe.shape.length === 0 ? (
          <Nothing title="There are no items to look at">The system answered, and has nothing of this yet.</Nothing>
        ) : (
          <DataTable caption="Fields of an item" columns={COLUMNS} rows={probe.shape} rowId={({ path }) => path} />
        )}
      </Section>
      {probe.rows !== null && probe.rows.cells.length > 0 && (
        <Section
          title={`The first rows of ${table}`}
          lead={`As they would be imported: ${count(probe.rows.columns.length, "column")} of the profile.`}
          flush
        >
          <FirstRows rows={probe.rows} />
        </Section>
      )}
    </>
  );
}

function FirstRows({ rows: { columns, cells } }: { rows: NonNullable<ProbeResult["rows"]> }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is scrolled by keyboard, too
    <section className={classes.scroll} tabIndex={0} aria-label="The first rows">
      <table className={classes.rows}>
        <thead>
          <tr>
            {columns.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {cells.map((row, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows that are shown once, and never change
            <tr key={place}>
              {columns.map((name, index) => (
                <td key={name} data-empty={row[index] === null || undefined}>
                  {row[index] ?? "empty"}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
