"""Examples of every document: those of the published documents, and others for the fields that they
leave out.

They are JSON text, by the name of the document in Python. Placeholders such as `<scheme>` are
replaced by values, and commas at the end of an object are left out.
"""

from __future__ import annotations

from collections.abc import Mapping

_HEADER, _SIGNATURE = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9", "c2lnbmF0dXJl"
TOKEN = f"{_HEADER}.e30.{_SIGNATURE}"
"""A JSON Web Token without claims, whose signature is not valid."""

_BROWSER = """{
  "color_depth": 24, "resolution": [2560, 1440], "java": false, "javascript": true, "locale": "en-GB", "timezone": -120,
  "parent": "<origin of current page url>"
}"""
_METHOD = f'{{"card": "<single-use.card.token>", "type": "token", "client": {{"browser": {_BROWSER}}}}}'
_CONTACT = '{"name": "Joe Smith", "email": "joe.smith@example.com"}'
_CUSTOMER_METHOD = """{
  "type": "card", "scheme": "visa", "iin": "123456", "last4": "1234", "expires": [2, 22], "acquirer": "intergiro",
  "created": "1970-01-01T00:00:00.000Z", "token": "abc.def.ghi"
}"""
_LINK = """{
  "url": "http://localhost:7071/customer/1234567890abcdef/link/0987654321098765",
  "id": "0987654321098765",
  "created": "2020-12-08T09:19:42.835Z",
  "expires": "2020-12-11T09:19:42.835Z",
  "key": "abc.def.ghi",
  "contact": "m.exampleperson@example.net",
  "used": false
}"""
_ACCESS = """[
  {"name": "Basic Access", "price": 42.00, "vat": 25.00, "quantity": 1},
  {"name": "Premium Access", "price": 100.00, "vat": 25.00, "quantity": 2}
]"""
_STANDARD = '{"number": "standard", "items": 25, "currency": "SEK", "schedule": "monthly"}'
_COMPLEX = f"""{{
  "number": "aaa-001",
  "items": {_ACCESS},
  "currency": "SEK",
  "schedule": {{"frequency": "quarterly", "offset": [2, -1]}},
  "start": "2021-07-03",
  "callback": "your.callback.com/subscription"
}}"""
_ENDING = '{"items": 25, "currency": "SEK", "schedule": "monthly", "start": "2024-01-31", "end": "2024-12-31"}'
_SUBSCRIPTION = """{
  "id": "test",
  "number": "aaa-001",
  "items": [
    {"name": "Basic Access", "price": 50.00, "vat": 12.50, "quantity": 1},
    {"name": "Premium Access", "price": 100.00, "vat": 25.00, "quantity": 2}
  ],
  "currency": "SEK",
  "schedule": {"frequency": "quarterly", "offset": [2, -1]},
  "start": "2021-07-03",
  "due": "2021-09-30",
  "callback": "your.callback.com/subscription"
}"""
_ORDERED_ITEMS = """[
  {"number": "ts001-b", "name": "Basic T-shirt, black", "price": 200, "vat": 50, "quantity": 2,
   "status": ["ordered", "ordered"]},
  {"number": "ts001-w", "name": "Basic T-shirt, white", "price": 200, "vat": 50, "quantity": 1, "status": ["ordered"]}
]"""
_CARD_PAYMENT = f"""{{
  "type": "card", "descriptor": "", "amount": 750, "created": "2021-11-09T13:26:44.845Z", "currency": "EUR",
  "expires": [2, 22], "iin": "411111", "last4": "1111", "scheme": "visa", "status": "created", "card": "{TOKEN}",
  "reference": "E9iw2NBQSxKkNpJp", "service": "intergiro", "schemeReference": "MCA1426441109"
}}"""
_ORDER_FIELDS = f"""
  "id": "S9duI_ez6v7o41Gw", "created": "2021-11-09T13:26:45.309Z", "items": {_ORDERED_ITEMS}, "currency": "EUR",
  "category": "purchase", "number": "gdR-Kp6nd357", "payment": {_CARD_PAYMENT},
  "event": [{{"type": "order", "date": "2021-11-09T13:26:45.309Z"}}], "status": {{"ordered": 750}}
"""
_ORDER_OPTIONS = """
  "customer": "SMmmIYXgLFTgE8qW", "theme": "dark", "meta": {"cart": 7}, "callback": "example.com", "language": "en"
"""
_ANSWERED = f"""
  "id": "SMmmIYXgLFTgE8qW", "number": "customer-number-001", "contact": {_CONTACT}, "method": [{_CUSTOMER_METHOD}],
  "status": "active", "total": 0, "balance": [], "schedule": "monthly", "currency": "SEK"
"""
_CHALLENGE = """{
  "type": "challenge", "threeDSServerTransID": "d461f105-1792-407f-95ff-9a496fd918a9",
  "acsTransID": "2a1cb0d9-5a6f-4a87-a4c5-2f4d3f5a7c11", "messageVersion": "2.1.0", "messageType": "CReq",
  "challengeWindowSize": "03"
}"""
_METHOD_STEP = """{
  "type": "method", "threeDSServerTransID": "d461f105-1792-407f-95ff-9a496fd918a9", "messageVersion": "2.1.0"
}"""
_PAYER_STEP = '{"PaReq": "eJxVUstu2zAQ", "TermUrl": "https://example.com/back", "MD": ""}'
_VERIFICATION = f"""{{
  "visible": true, "method": "POST", "url": "https://example.com/challenge", "data": {_CHALLENGE}
}}"""
_VIOLATION = '{"property": "currency", "type": "Currency", "condition": "missing"}'
_VERIFICATION_REQUIRED = f"""{{
  "property": "card", "type": "Card.Creatable | Card.Token", "description": "verification required",
  "details": {_VERIFICATION}
}}"""

_GATEWAY, _UUID = "5f2b0c6e8d1a4b3c9e7f0a1d", "f3a1c9c2-8a4e-4a55-9d0c-6a1b2c3d4e5f"
_PAYDOCK_ADDRESS = """
  "address_line1": "1 Example Street", "address_line2": "Floor 2", "address_state": "NSW", "address_country": "AU",
  "address_city": "Sydney", "address_postcode": "2000"
"""
_PAYDOCK_CONTACT = """
  "reference": "customer-number-001", "description": "A regular", "company_name": "Example", "first_name": "Joe",
  "last_name": "Smith", "email": "joe.smith@example.com", "phone": "+12345678901"
"""
_PAYDOCK_CARD = f"""{{
  "gateway_id": "{_GATEWAY}", "type": "card", "card_name": "Joe Smith", "card_number": "4111111111111111",
  "expire_month": "02", "expire_year": "2030", "card_ccv": "123", {_PAYDOCK_ADDRESS}
}}"""
_PAYDOCK_TOKEN_SOURCE = f'{{"type": "card", "gateway_id": "{_GATEWAY}"}}'
_PAYDOCK_VAULT = f'{{"type": "card", "vault_token": "{_UUID}"}}'
_PAYDOCK_VAULT_AT_GATEWAY = f'{{"type": "card", "vault_token": "{_UUID}", "gateway_id": "{_GATEWAY}"}}'
_BY_CARD = f'{{{_PAYDOCK_CONTACT}, "default_source": "{_GATEWAY}", "payment_source": {_PAYDOCK_CARD}}}'
_BY_TOKEN = f'{{{_PAYDOCK_CONTACT}, "default_source": "{_GATEWAY}", "token": "{_UUID}", "payment_source": {_PAYDOCK_TOKEN_SOURCE}}}'
_BY_VAULT = f'{{{_PAYDOCK_CONTACT}, "default_source": "{_GATEWAY}", "payment_source": {_PAYDOCK_VAULT_AT_GATEWAY}}}'
_BY_VAULT_ALONE = f'{{"payment_source": {_PAYDOCK_VAULT}}}'
_PAYDOCK_SOURCE = f"""{{
  "_id": "{_GATEWAY}", "type": "card", "vault_token": "{_UUID}", "gateway_id": "{_GATEWAY}", "ref_token": "cus_1",
  "card_name": "Joe Smith", "card_number_bin": "411111", "card_number_last4": "1111", "card_scheme": "visa",
  "expire_month": "02", "expire_year": "2030", "status": "active", {_PAYDOCK_ADDRESS}
}}"""
_STATISTICS = '{"successful_transactions": 0, "total_collected_amount": 0}'
_SERVICE = f'{{"default_gateway_id": "{_GATEWAY}"}}'
_PAYDOCK_CUSTOMER = f"""{{
  "_id": "{_GATEWAY}", "status": "active", "archived": false, "created_at": "2024-01-31T12:00:00.000Z",
  "updated_at": "2024-01-31T12:00:00.000Z", {_PAYDOCK_CONTACT}, "statistics": {_STATISTICS}, "_service": {_SERVICE},
  "default_source": "{_GATEWAY}", "payment_sources": [{_PAYDOCK_SOURCE}]
}}"""
_RESOURCE = f'{{"type": "customer", "data": {_PAYDOCK_CUSTOMER}}}'
_PAYDOCK_ERROR = '{"message": "wrong", "code": "validation_error", "details": [{"field": "email"}]}'
_ERROR_DETAILS = '{"path": "email", "messages": ["not an e-mail address"]}'
_ERROR_SUMMARY = f'{{"message": "wrong", "code": "validation_error", "details": {_ERROR_DETAILS}}}'

_ADDRESS = """{
  "street": "Example Street 13", "zip_code": "75575", "city": "Uppsala", "country_code": "SE", "state": "Uppland",
  "address1": "c/o Smith", "address2": "Floor 2", "address3": "Door 3"
}"""
_ADDRESSES = f'{{"primary": {_ADDRESS}, "billing": {_ADDRESS}, "delivery": {_ADDRESS}, "visit": {_ADDRESS}}}'
_NAME = '{"first": "Joe", "last": "Smith"}'
_EMAILS = '{"primary": "joe.smith@example.com", "billing": "bills@example.com"}'
_PHONES = '{"primary": "018-12 34 56", "cellphone": "+46701234567", "landline": "018-12 34 56"}'
_FULL_CONTACT = f"""{{
  "type": "person", "identity_number": "19700101-1234", "id": "contact-1", "number": "c1", "name": {_NAME},
  "address": {_ADDRESSES}, "email": {_EMAILS}, "phone": {_PHONES}
}}"""
_ITEM = """{
  "number": "ts001-b", "name": "Basic T-shirt, black", "price": 200, "quantity": 2.5, "unit": "m", "vat": 50, "rebate": 10
}"""
_ORDER_CREATABLE = f"""{{
  "id": "S9duI_ez6v7o41Gw", "number": "gdR-Kp6nd357", "items": [{_ITEM}], "currency": "EUR", "category": "purchase",
  "theme": "dark", "meta": {{"cart": [1, 2.50, null, "x"]}}, "callback": "your.callback.com/order", "language": "en"
}}"""
_LIMIT = '{"hard": 1000, "soft": 800, "margin": 50.5}'

EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "Address": (_ADDRESS,),
    "Addresses": (_ADDRESSES,),
    "Browser": (f'{_BROWSER[:-2]}, "accept_header": "text/html", "user_agent": "Mozilla/5.0", "ip": "192.0.2.1"}}',),
    "BrowserCreatable": (_BROWSER, _BROWSER.replace("color_depth", "colorDepth")),
    "CardPayment": (_CARD_PAYMENT,),
    "CardToken": (
        '{"iss": "card", "iat": 1636464402, "aud": "production", "enc": "26.0Zr.9gf", "xpr": ["02", 22], "ver": {"status": "Y"}}',
    ),
    "ChallengeStep": (_CHALLENGE,),
    "Client": (f'{{"ip": "2001:db8::1", "browser": {_BROWSER}, "callback": "example.com/back"}}',),
    "ClientCreatable": (f'{{"browser": {_BROWSER}}}', '{"ip": "192.0.2.1", "callback": "example.com/back"}'),
    "Contact": (_CONTACT, _FULL_CONTACT, f'{{"address": {_ADDRESS}, "phone": "018-12 34 56"}}'),
    "Customer": (
        f"{{{_ANSWERED}}}",
        f'{{{_ANSWERED}, "link": {_LINK}, "subscription": [{_SUBSCRIPTION}], "limit": {_LIMIT}, "order": "{TOKEN}"}}',
    ),
    "CustomerCreatable": (
        f'{{"number": "customer-number-001", "method": [{_METHOD}], "contact": {_CONTACT}}}',
        f"""{{
          "number": "customer-number-001", "method": [{_METHOD}], "contact": {_CONTACT},
          "order": {{"items": 42, "currency": "EUR"}}
        }}""",
        f"""{{
          "id": "SMmmIYXgLFTgE8qW", "number": "customer-number-001", "method": [{_METHOD}], "contact": {_FULL_CONTACT},
          "currency": "EUR", "schedule": "monthly", "limit": {_LIMIT}, "order": [{_ORDER_CREATABLE}],
          "subscription": [{_STANDARD}, {_COMPLEX}]
        }}""",
    ),
    "CustomerLink": (_LINK,),
    "CustomerMethod": (
        _CUSTOMER_METHOD,
        """{
          "type": "card", "created": "2020-03-13T13:37:13.123Z", "token": "abc.def.ghi", "scheme": "visa", "iin": "411111",
          "last4": "1111", "expires": [2, 22]
        }""",
    ),
    "CustomerPayment": (
        '{"type": "customer", "schedule": [1, 3, 7], "charge": "auto", "due": "2024-01-31T00:00:00.000Z"}',
    ),
    "CustomerPaymentCreatable": (
        '{"type": "customer", "schedule": [1, 3, 7], "charge": "balance", "scheduled": true}',
    ),
    "EmailAddresses": (_EMAILS,),
    "Error": (
        f'{{"status": 400, "type": "flawed content", "content": {{"flaws": [{_VIOLATION}]}}}}',
        '{"status": 403, "type": "forbidden", "reason": "a public key", "error": "forbidden", "description": "no"}',
        f"""{{
          "status": 400, "type": "malformed content", "error": "verification required", "id": "SMmmIYXgLFTgE8qW",
          "content": {_VERIFICATION_REQUIRED}
        }}""",
    ),
    "ErrorContent": (_VERIFICATION_REQUIRED, f'{{"flaws": [{_VIOLATION}]}}'),
    "Item": (_ITEM, '{"name": "Basic Access", "price": 42.00, "vat": 25.00, "quantity": 1}'),
    "Limit": (_LIMIT,),
    "MethodCreatable": (_METHOD,),
    "MethodStep": (_METHOD_STEP,),
    "MethodToken": (
        f"""{{
          "iss": "customer", "iat": 1636464402, "aud": "production", "type": "card", "card": "{TOKEN}", "scheme": "visa",
          "iin": "411111", "last4": "1111", "expires": [2, 22], "reference": "E9iw2NBQSxKkNpJp", "acquirer": "clearhaus",
          "created": "2020-03-13T13:37:13.123Z"
        }}""",
    ),
    "Name": (_NAME,),
    "Order": (
        f"{{{_ORDER_FIELDS}}}",
        f"""{{
          {_ORDER_FIELDS}, {_ORDER_OPTIONS}
        }}""",
    ),
    "OrderCreatable": ('{"items": 42, "currency": "EUR"}', _ORDER_CREATABLE),
    "OrderEvent": ('{"type": "order", "date": "2021-11-09T13:26:45.309Z"}',),
    "OrderItem": ('{"price": 42, "status": ["ordered"]}', f'{_ITEM[:-2]}, "status": ["ordered", "ordered"]}}'),
    "OrderToken": (f'{{"iss": "payfunc", "iat": 1636464405, "aud": "production", {_ORDER_FIELDS}, {_ORDER_OPTIONS}}}',),
    "PaydockAnswer": (f'{{"status": 201, "error": null, "resource": {_RESOURCE}}}',),
    "PaydockCard": (_PAYDOCK_CARD,),
    "PaydockCardCustomer": (_BY_CARD,),
    "PaydockCustomer": (_PAYDOCK_CUSTOMER,),
    "PaydockCustomerCreatable": (_BY_CARD, _BY_TOKEN, f'{{"token": "{_UUID}"}}', _BY_VAULT, _BY_VAULT_ALONE),
    "PaydockError": (_PAYDOCK_ERROR,),
    "PaydockErrorAnswer": (
        f'{{"status": 400, "error": {_PAYDOCK_ERROR}, "resource": null, "error_summary": {_ERROR_SUMMARY}}}',
    ),
    "PaydockErrorDetails": (_ERROR_DETAILS,),
    "PaydockErrorSummary": (_ERROR_SUMMARY,),
    "PaydockResource": (_RESOURCE,),
    "PaydockService": (_SERVICE,),
    "PaydockSource": (_PAYDOCK_SOURCE,),
    "PaydockStatistics": (_STATISTICS,),
    "PaydockTokenCustomer": (_BY_TOKEN,),
    "PaydockTokenSource": (_PAYDOCK_TOKEN_SOURCE,),
    "PaydockVault": (f"{_PAYDOCK_VAULT[:-1]}, {_PAYDOCK_ADDRESS}}}",),
    "PaydockVaultAtGateway": (f"{_PAYDOCK_VAULT_AT_GATEWAY[:-1]}, {_PAYDOCK_ADDRESS}}}",),
    "PaydockVaultCustomer": (_BY_VAULT,),
    "PaydockVaultCustomerWithoutGateway": (
        _BY_VAULT_ALONE,
        f'{{{_PAYDOCK_CONTACT}, "default_source": "{_GATEWAY}", "payment_source": {_PAYDOCK_VAULT}}}',
    ),
    "PayerStep": (_PAYER_STEP,),
    "PhoneNumbers": (_PHONES,),
    "Subscription": (_SUBSCRIPTION, f'{_ENDING[:-1]}, "id": "0-_z", "due": "2024-01-31"}}'),
    "ReportedViolation": (_VIOLATION,),
    "SubscriptionCreatable": (_STANDARD, _COMPLEX, _ENDING),
    "Verification": (_VERIFICATION, '{"visible": false, "method": "GET", "url": "https://example.com/method"}'),
}
"""The examples. Each field of a document is in one of them."""
