# English. Names of months and weekdays, lists and dates are those of the CLDR, by Babel.
# `cldr` names the locale of the CLDR.
# In all messages: $n is a number, $form its ordinal form ("one", "two", "few" or "other"), $day a day of the month in words,
# $months, $numbers and $days lists, $weekday a weekday, $note what clamping does, $period one of day, week, month, month-from-0
# (a month where January is number 0), quarter and year.

ordinal = { $form ->
    [one] { $n }st
    [two] { $n }nd
    [few] { $n }rd
   *[other] { $n }th
  }

cldr = en_GB

# Days of a month
from-start = the { ordinal }
from-end = the { ordinal }-to-last day
from-end-second = the 2nd-to-last day
from-end-last = the last day
or-last = , or the last day if the month is shorter
or-first = , or the first day if the month is shorter
or-last-in-year = , or the last day of the month if it is not a leap year
or-first-in-year = , or the first day of the month if it is not a leap year
or-last-always = , which means the last day of the month
or-first-always = , which means the first day of the month

# Frequencies; those that end in -of-start leave something to the start
every-day = every day
days-of-months = the { $days } of every month
days-of-some-months = the { $days } of every month{ $count ->
    [one] {" "}that has it
   *[other] {" "}(days that a month does not have are left out)
  }
every-week = { $weekday } of every ISO week
every-week-of-start = every ISO week, on the weekday the subscription started
weeks = { $weekday } of ISO { $count ->
    [one] week
   *[other] weeks
  } { $numbers }
weeks-of-start = ISO { $count ->
    [one] week
   *[other] weeks
  } { $numbers }, on the weekday the subscription started
every-month = { $day } of every month{ $note }
every-month-of-start = every month, on the day of the month the subscription started{ $note }
months = { $day } of { $months }{ $note }
months-of-start = on the day of the month the subscription started, in { $months }{ $note }
every-quarter-first = the first day of every quarter
every-quarter-last = the last day of every quarter
every-quarter-of-start = every quarter, on the day of the month the subscription started, in the same month of the quarter{ $note }
quarters-of-start = { $count ->
    [one] quarter
   *[other] quarters
  } { $numbers } of every year, on the day of the month the subscription started, in the same month of the quarter{ $note }
in-years = { $years }, on { $date }{ $note }
in-years-of-start = { $years }, on the day and month the subscription started (28 February for 29 February, if it is not a leap year)
in-years-and-month-of-start = { $years }, on the day of the month the subscription started, in { $months }{ $note }
every-year = every year
even-years = every other year (even years)
odd-years = every other year (odd years)
years-divisible = every { ordinal } year (years divisible by { $divisor })
years-leaving = every { ordinal } year (years that leave { $remainder } when divided by { $divisor })
date-in-month = { $n } { $month }
day-of-month = { $day } of { $month }
from = { $text }, from { $start }

# Never
never-multiple = never: no { $period ->
    [day] day of a month
    [week] ISO week
    [month] month
    [month-from-0] month (January is number 0)
    [quarter] quarter
   *[year] year up to 9999
  } is number { $divisor } or a multiple of it
never-remainder = never: no { $period ->
    [day] day of a month
    [week] ISO week
    [month] month
    [month-from-0] month (January is number 0)
    [quarter] quarter
   *[year] year up to 9999
  } has a number that leaves { $remainder } when divided by { $divisor }
