# Swedish. Names of months and weekdays, lists and dates are those of the CLDR, by Babel.

ordinal = { $form ->
    [one] { $n }:a
   *[other] { $n }:e
  }

cldr = sv_SE

# Days of a month
from-start = den { ordinal }
from-end = den { ordinal } dagen räknat bakifrån
from-end-second = näst sista dagen
from-end-last = sista dagen
or-last = , eller sista dagen om månaden är kortare
or-first = , eller första dagen om månaden är kortare
or-last-in-year = , eller sista dagen i månaden om det inte är skottår
or-first-in-year = , eller första dagen i månaden om det inte är skottår
or-last-always = , vilket betyder sista dagen i månaden
or-first-always = , vilket betyder första dagen i månaden

# Frequencies; those that end in -of-start leave something to the start
every-day = varje dag
days-of-months = den { $days } i varje månad
days-of-some-months = den { $days } i varje månad{ $count ->
    [one] {" "}som har den dagen
   *[other] {" "}(dagar som en månad inte har utelämnas)
  }
every-week = { $weekday } i varje ISO-vecka
every-week-of-start = varje ISO-vecka, samma veckodag som prenumerationen började
weeks = { $weekday } i ISO-vecka { $numbers }
weeks-of-start = ISO-vecka { $numbers }, samma veckodag som prenumerationen började
every-month = { $day } i varje månad{ $note }
every-month-of-start = varje månad, samma dag i månaden som prenumerationen började{ $note }
months = { $day } i { $months }{ $note }
months-of-start = samma dag i månaden som prenumerationen började, i { $months }{ $note }
every-quarter-first = första dagen i varje kvartal
every-quarter-last = sista dagen i varje kvartal
every-quarter-of-start = varje kvartal, samma dag i månaden som prenumerationen började, i samma månad i kvartalet{ $note }
quarters-of-start = kvartal { $numbers } varje år, samma dag i månaden som prenumerationen började, i samma månad i kvartalet{ $note }
in-years = { $years }, { $date }{ $note }
in-years-of-start = { $years }, samma dag och månad som prenumerationen började (28 februari för 29 februari om det inte är skottår)
in-years-and-month-of-start = { $years }, samma dag i månaden som prenumerationen började, i { $months }{ $note }
every-year = varje år
even-years = vartannat år (jämna år)
odd-years = vartannat år (udda år)
years-divisible = vart { ordinal } år (år som är delbara med { $divisor })
years-leaving = vart { ordinal } år (år som ger resten { $remainder } när de delas med { $divisor })
date-in-month = den { $n } { $month }
day-of-month = { $day } i { $month }
from = { $text }, från och med den { $start }

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
