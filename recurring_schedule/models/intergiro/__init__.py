"""Intergiro's customer endpoint: customers, their subscriptions and orders, and its errors."""

from recurring_schedule.models.intergiro.answers import *
from recurring_schedule.models.intergiro.client import *
from recurring_schedule.models.intergiro.contact import *
from recurring_schedule.models.intergiro.customers import *
from recurring_schedule.models.intergiro.items import *
from recurring_schedule.models.intergiro.methods import *
from recurring_schedule.models.intergiro.orders import *
from recurring_schedule.models.intergiro.subscriptions import *
