-- Recurring schedules in PostgreSQL: answer(question) answers a question of the conformance kit. `due` has the due dates.

-- Days are numbered from 0001-01-01, a Monday, months from January of the year 0.
CREATE OR REPLACE FUNCTION number_of_day(day date) RETURNS int LANGUAGE sql IMMUTABLE AS $$
  SELECT day - DATE '0001-01-01'
$$;

CREATE OR REPLACE FUNCTION number_of_month(day date) RETURNS int LANGUAGE sql IMMUTABLE AS $$
  SELECT 12 * extract(year FROM day)::int + extract(month FROM day)::int - 1
$$;

CREATE OR REPLACE FUNCTION first_of_month(month int) RETURNS date LANGUAGE sql IMMUTABLE AS $$
  SELECT make_date(month / 12, month % 12 + 1, 1)
$$;

-- A month that is shorter has its last day, or its first if the day counts from the end. `weekday` is [n, day from Sunday 0].
CREATE OR REPLACE FUNCTION day_in_month(month int, day int, weekday jsonb) RETURNS date LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE
      WHEN n > 0 THEN opening + (on_sunday_0 - extract(dow FROM opening)::int + 7) % 7 + 7 * (n - 1)
      WHEN n < 0 THEN closing - (extract(dow FROM closing)::int - on_sunday_0 + 7) % 7 + 7 * (n + 1)
      WHEN day > 0 THEN least(opening + day - 1, closing)
      ELSE greatest(closing + day + 1, opening)
    END
  FROM (SELECT first_of_month(month), first_of_month(month + 1) - 1, (weekday->>0)::int, (weekday->>1)::int)
    AS bounds(opening, closing, n, on_sunday_0)
$$;

CREATE OR REPLACE FUNCTION period_of(frequency text, day date) RETURNS int LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE frequency
      WHEN 'daily' THEN number_of_day(day)
      WHEN 'weekly' THEN number_of_day(day) / 7
      WHEN 'monthly' THEN number_of_month(day)
      WHEN 'quarterly' THEN number_of_month(day) / 3
      ELSE number_of_month(day) / 12
    END
$$;

-- The number that a divisor divides: of the day, ISO week, month or quarter, or the year itself.
CREATE OR REPLACE FUNCTION number_of_period(frequency text, period int) RETURNS int LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE frequency
      WHEN 'daily' THEN extract(day FROM DATE '0001-01-01' + period)::int
      WHEN 'weekly' THEN extract(week FROM DATE '0001-01-01' + 7 * period)::int
      WHEN 'monthly' THEN period % 12 + 1
      WHEN 'quarterly' THEN period % 4 + 1
      ELSE period
    END
$$;

-- The due dates of one schedule, in no order.
CREATE OR REPLACE FUNCTION due_of_one(schedule jsonb, start date, first_day date, last_day date) RETURNS SETOF date
LANGUAGE sql IMMUTABLE AS $$
  WITH fields AS (
    SELECT schedule->>'frequency' AS frequency,
      coalesce(schedule#>>'{divisor,1}', schedule->>'divisor', '1')::numeric AS by,
      coalesce(schedule#>>'{divisor,0}', '0')::numeric AS rest,
      (schedule->>'interval')::numeric AS interval,
      nullif(schedule->'offset', 'null') AS written,
      nullif(schedule->'weekday', 'null') AS weekday,
      CASE schedule->>'frequency' WHEN 'quarterly' THEN 3 WHEN 'yearly' THEN 12 ELSE 1 END AS months,
      CASE schedule->>'frequency' WHEN 'daily' THEN 31 WHEN 'weekly' THEN 53 WHEN 'monthly' THEN 12 WHEN 'quarterly' THEN 4 ELSE 9999 END AS most,
      greatest(first_day, start) AS begin
  ), days AS (
    SELECT *,
      CASE WHEN frequency IN ('quarterly', 'yearly') THEN coalesce(
        (CASE jsonb_typeof(written) WHEN 'array' THEN written->0 ELSE written END)::int, number_of_month(start) % months) ELSE 0 END AS month,
      coalesce(
        (CASE WHEN jsonb_typeof(written) = 'array' THEN written->1 WHEN frequency IN ('weekly', 'monthly') THEN written END)::int,
        CASE frequency WHEN 'weekly' THEN extract(dow FROM start)::int ELSE extract(day FROM start)::int END) AS day,
      period_of(frequency, begin) AS period_of_first, period_of(frequency, last_day) AS period_of_last,
      period_of(frequency, start) AS period_of_start
    FROM fields
  ), picked AS (
    SELECT days.*, period::int AS period
    FROM days, generate_series(
      period_of_first + coalesce(mod(interval - mod(period_of_first - period_of_start, interval), interval), 0),
      period_of_last,
      coalesce(interval, 1)) AS periods(period)
    WHERE by = 1 OR (CASE rest WHEN 0 THEN by ELSE rest END <= most AND mod(number_of_period(frequency, period::int), by) = rest)
  )
  SELECT due
  FROM picked, LATERAL (
    SELECT CASE frequency
        WHEN 'daily' THEN DATE '0001-01-01' + period
        WHEN 'weekly' THEN DATE '0001-01-01' + 7 * period + (day + 6) % 7
        ELSE day_in_month(months * period + month, day, weekday)
      END
  ) AS payment(due)
  WHERE due BETWEEN begin AND last_day
$$;

-- The due dates of a schedule or a set from the first to the last day, both included, in no order.
CREATE OR REPLACE FUNCTION due(schedule jsonb, start date, first_day date, last_day date) RETURNS SETOF date
LANGUAGE sql IMMUTABLE AS $$
  WITH plan AS (
    SELECT CASE WHEN jsonb_typeof(schedule) = 'array' THEN jsonb_build_object('any', schedule)
      WHEN schedule ? 'any' THEN schedule
      ELSE jsonb_build_object('any', jsonb_build_array(schedule)) END AS parts
  )
  SELECT found.day
  FROM plan, jsonb_array_elements(parts->'any') AS members(member), LATERAL due_of_one(
    CASE jsonb_typeof(member) WHEN 'string' THEN jsonb_build_object('frequency', member) ELSE member END,
    start, first_day, last_day) AS found(day)
  WHERE NOT coalesce(parts->'excluding' ? found.day::text, false)
  UNION
  SELECT added::date
  FROM plan, jsonb_array_elements_text(coalesce(nullif(parts->'adding', 'null'), '[]')) AS days(added)
  WHERE added::date BETWEEN greatest(start, first_day) AND last_day
$$;

-- Most schedules are due again soon. So look near the day first.
CREATE OR REPLACE FUNCTION due_after(schedule jsonb, start date, last_day date, day date) RETURNS date LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(
    (SELECT min(found) FROM due(schedule, start, begin, least(begin + 100, last_day)) AS dates(found)),
    (SELECT min(found) FROM due(schedule, start, begin + 101, least(begin + 4000, last_day)) AS dates(found)),
    (SELECT min(found) FROM due(schedule, start, begin + 4001, last_day) AS dates(found)))
  FROM (SELECT greatest(day + 1, start)) AS bounds(begin)
$$;

CREATE OR REPLACE FUNCTION due_before(schedule jsonb, start date, last_day date, day date) RETURNS date LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(
    (SELECT max(found) FROM due(schedule, start, greatest(begin - 100, start), begin) AS dates(found)),
    (SELECT max(found) FROM due(schedule, start, greatest(begin - 4000, start), begin - 101) AS dates(found)),
    (SELECT max(found) FROM due(schedule, start, start, begin - 4001) AS dates(found)))
  FROM (SELECT least(day - 1, last_day)) AS bounds(begin)
$$;

-- The billing period of a day. `next_start` is the day after its last day. Whether that is due does not depend on the end.
CREATE OR REPLACE FUNCTION period_at(schedule jsonb, start date, last_day date, day date, OUT period_start date, OUT next_start date, OUT is_stub boolean)
LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(due_from, start), period_end, due_from IS NULL OR NOT EXISTS (SELECT FROM due(schedule, start, period_end, period_end))
  FROM (SELECT due_before(schedule, start, last_day, day + 1), coalesce(due_after(schedule, start, last_day, day), last_day + 1))
    AS dates(due_from, period_end)
  WHERE day BETWEEN start AND last_day
$$;

CREATE OR REPLACE FUNCTION answer(question jsonb) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  schedule jsonb := question->'schedule';
  start date := question->>'start';
  last_day date := coalesce(question->>'end', '2400-12-31');
  day date := question->>'day';
  from_day date := question->>'first';
  to_day date := least((question->>'last')::date, last_day);
  period record;
  found record;
BEGIN
  CASE question->>'ask'
    WHEN 'declare' THEN
      RETURN '{"name": "PostgreSQL", "first": "1900-01-01", "last": "2400-12-31",
        "asks": ["next", "previous", "between", "count", "index", "period", "share", "digest"]}';
    WHEN 'next' THEN
      RETURN to_jsonb(due_after(schedule, start, last_day, day));
    WHEN 'previous' THEN
      RETURN to_jsonb(due_before(schedule, start, last_day, day));
    WHEN 'between' THEN
      RETURN (SELECT coalesce(jsonb_agg(one ORDER BY one), '[]') FROM due(schedule, start, from_day, to_day) AS dates(one));
    WHEN 'count' THEN
      RETURN (SELECT count(*) FROM due(schedule, start, from_day, to_day));
    WHEN 'index' THEN
      IF day > last_day OR NOT EXISTS (SELECT FROM due(schedule, start, day, day)) THEN
        RETURN NULL;
      END IF;
      RETURN (SELECT count(*) FROM due(schedule, start, start, day - 1));
    WHEN 'digest' THEN
      SELECT count(*) AS days, coalesce(string_agg(one || E'\n', '' ORDER BY one), '') AS written INTO found
      FROM due(schedule, start, from_day, to_day) AS dates(one);
      RETURN jsonb_build_object('count', found.days, 'sha256', encode(sha256(found.written::bytea), 'hex'));
    ELSE
      SELECT * INTO period FROM period_at(schedule, start, last_day, day);
      IF period.period_start IS NULL THEN
        RETURN NULL;
      END IF;
      IF question->>'ask' = 'period' THEN
        RETURN jsonb_build_object('start', period.period_start, 'end', period.next_start, 'stub', period.is_stub);
      END IF;
      RETURN (
        SELECT jsonb_build_array(elapsed / gcd(elapsed, length), length / gcd(elapsed, length))
        FROM (SELECT day - period.period_start, period.next_start - period.period_start) AS days(elapsed, length));
  END CASE;
END
$$;
