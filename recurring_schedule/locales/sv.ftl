# Swedish. Names of months and weekdays, lists and dates are those of the CLDR, by Babel.

ordinal = { $form ->
    [one] { $n }:a
   *[other] { $n }:e
  }

cldr = sv_SE

# Days of a month
from-start = den { ordinal }
from-end = { ordinal } dagen från slutet
from-end-last = sista dagen
or-last = , eller sista dagen i en kortare månad
or-first = , eller första dagen i en kortare månad
or-last-in-year = , eller sista dagen i månaden andra år
or-first-in-year = , eller första dagen i månaden andra år

# Frequencies; those that end in -of-start leave something to the start
every-day = varje dag
days-of-months = den { $days } i varje månad
days-of-some-months = den { $days } i varje månad som har { $count ->
    [one] den dagen
   *[other] de dagarna
  }
every-week = { $weekday } i varje ISO-vecka
every-week-of-start = varje ISO-vecka, samma veckodag som prenumerationen började
weeks = { $weekday } i ISO-{ $count ->
    [one] vecka
   *[other] veckorna
  } { $numbers }
weeks-of-start = ISO-{ $count ->
    [one] vecka
   *[other] veckorna
  } { $numbers }, samma veckodag som prenumerationen började
every-month = { $day } i varje månad{ $note }
every-month-of-start = varje månad, samma dag i månaden som prenumerationen började
months = { $day } i { $months }{ $note }
months-of-start = samma dag i månaden som prenumerationen började, i { $months }
every-quarter-first = första dagen i varje kvartal
every-quarter-last = sista dagen i varje kvartal
every-quarter-of-start = varje kvartal, samma dag i månaden som prenumerationen började, i samma månad i kvartalet
quarters-of-start = kvartal { $numbers } varje år, samma dag i månaden som prenumerationen började, i samma månad i kvartalet
yearly = { $years }, { $date }{ $note }
yearly-of-start = { $years }, samma dag på året som prenumerationen började
yearly-month-of-start = { $years }, samma dag i månaden som prenumerationen började, i { $months }
every-year = varje år
even-years = vartannat år (jämna år)
odd-years = vartannat år (udda år)
years-divisible = vart { ordinal } år (år som är delbara med { $divisor })
years-leaving = vart { ordinal } år (år som ger resten { $remainder } när de delas med { $divisor })
date-in-month = den { $n } { $month }
day-of-month = { $day } i { $month }
from = { $text }, från och med { $start }

# Never
never-multiple = aldrig: { $period ->
    [day] ingen dag i en månad
    [week] ingen ISO-vecka
    [month] ingen månad
    [month-from-0] ingen månad (januari är nummer 0)
    [quarter] inget kvartal
   *[year] inget år till och med 9999
  } har nummer { $divisor } eller en multipel av det
never-remainder = aldrig: { $period ->
    [day] ingen dag i en månad
    [week] ingen ISO-vecka
    [month] ingen månad
    [month-from-0] ingen månad (januari är nummer 0)
    [quarter] inget kvartal
   *[year] inget år till och med 9999
  } har ett nummer som ger resten { $remainder } när det delas med { $divisor }
