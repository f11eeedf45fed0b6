import type { SeriesPoint } from "@inlet/contracts";
import { figure } from "@inlet/contracts/figures";
import { useElementSize } from "@mantine/hooks";
import { useState } from "react";
import { gridOf, namedPoints } from "./chart-scale.ts";
import classes from "./results.module.css";
import { STEPS } from "./steps.ts";

const LEFT = 52;
const RIGHT = 12;
const TOP = 10;
const BOTTOM = 28;
const LINES = STEPS.filter(({ step }) => step !== "sent");

/** What was new in each hour or day, as lines. The same figures stand in a table for those who do not see it. */
export function SeriesChart({ series, unit }: { series: readonly SeriesPoint[]; unit: "hour" | "day" }) {
  const { ref, width, height } = useElementSize<HTMLDivElement>();
  const [looked, setLooked] = useState<number>();
  const grid = gridOf(Math.max(...series.flatMap((point) => LINES.map(({ step }) => point[step]))));
  const top = grid.at(-1)!;
  const x = (index: number) =>
    LEFT + (series.length === 1 ? 0.5 : index / (series.length - 1)) * Math.max(0, width - LEFT - RIGHT);
  const y = (value: number) => TOP + (1 - value / top) * Math.max(0, height - TOP - BOTTOM);
  const nearest = (left: number) => {
    const share = (left - LEFT) / Math.max(1, width - LEFT - RIGHT);
    return Math.min(series.length - 1, Math.max(0, Math.round(share * (series.length - 1))));
  };
  return (
    <div className={classes.steps}>
      <div className={classes.keys} aria-hidden>
        {LINES.map(({ step, word, colour }) => (
          <span key={step} className={classes.key}>
            <span className={classes.swatch} style={{ background: colour }} />
            {word}
          </span>
        ))}
      </div>
      <div
        ref={ref}
        className={classes.chart}
        onPointerMove={(event) => setLooked(nearest(event.clientX - event.currentTarget.getBoundingClientRect().left))}
        onPointerLeave={() => setLooked(undefined)}
      >
        <svg aria-hidden>
          {grid.map((value) => (
            <g key={value}>
              <line className={classes.grid} x1={LEFT} x2={width - RIGHT} y1={y(value)} y2={y(value)} />
              <text x={LEFT - 10} y={y(value)} dy="0.32em" textAnchor="end">
                {figure(value)}
              </text>
            </g>
          ))}
          {namedPoints(series.length, Math.max(2, Math.floor(width / 90))).map((index) => (
            <text key={series[index]!.from} x={x(index)} y={height - 6} textAnchor="middle">
              {nameOf(series[index]!, unit)}
            </text>
          ))}
          {looked !== undefined && (
            <line className={classes.cursor} x1={x(looked)} x2={x(looked)} y1={TOP} y2={height - BOTTOM} />
          )}
          {LINES.map(({ step, colour }) => (
            <g key={step}>
              <polyline
                className={classes.line}
                stroke={colour}
                points={series.map((point, index) => `${x(index)},${y(point[step])}`).join(" ")}
              />
              {series.map(
                (point, index) =>
                  (series.length === 1 || index === looked) && (
                    <circle key={point.from} cx={x(index)} cy={y(point[step])} r={4} fill={colour} />
                  ),
              )}
            </g>
          ))}
        </svg>
        {looked !== undefined && (
          <div
            className={classes.note}
            style={x(looked) > width / 2 ? { right: width - x(looked) + 12 } : { left: x(looked) + 12 }}
          >
            <strong>{longNameOf(series[looked]!, unit)}</strong>
            {STEPS.map(({ step, word, colour }) => (
              <div key={step}>
                <span className={classes.swatch} style={{ background: colour }} />
                <span>{word}</span>
                <span>{figure(series[looked]![step])}</span>
              </div>
            ))}
          </div>
        )}
      </div>
      <SeriesTable series={series} unit={unit} />
    </div>
  );
}

function SeriesTable({ series, unit }: { series: readonly SeriesPoint[]; unit: "hour" | "day" }) {
  return (
    <table className="only-for-readers">
      <caption>New in each {unit}</caption>
      <thead>
        <tr>
          <th scope="col">{unit === "day" ? "Day" : "Hour"}</th>
          {STEPS.map(({ step, word }) => (
            <th key={step} scope="col">
              {word}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {series.map((point) => (
          <tr key={point.from}>
            <th scope="row">{longNameOf(point, unit)}</th>
            {STEPS.map(({ step }) => (
              <td key={step}>{point[step]}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const DAY = new Intl.DateTimeFormat("en", { day: "numeric", month: "short" });
const HOUR = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const WEEKDAY = new Intl.DateTimeFormat("en", { weekday: "short", day: "numeric", month: "short" });

const nameOf = ({ from }: SeriesPoint, unit: "hour" | "day") => (unit === "day" ? DAY : HOUR).format(new Date(from));

function longNameOf({ from }: SeriesPoint, unit: "hour" | "day"): string {
  const date = new Date(from);
  return unit === "day" ? WEEKDAY.format(date) : `${WEEKDAY.format(date)}, ${HOUR.format(date)}`;
}
