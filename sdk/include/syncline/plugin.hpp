// Everything a connector's author needs. See sdk/README.md for a connector in 30 minutes.
#pragma once

#include <syncline/model/customer.hpp>
#include <syncline/model/invoice.hpp>
#include <syncline/model/order.hpp>
#include <syncline/model/payment.hpp>
#include <syncline/model/product.hpp>
#include <syncline/model/refund.hpp>
#include <syncline/operations.hpp>
#include <syncline/plugin/connector.hpp>
#include <syncline/plugin/host.hpp>
#include <syncline/plugin/http.hpp>
#include <syncline/spec.hpp>
#include <syncline/spec_checks.hpp>
