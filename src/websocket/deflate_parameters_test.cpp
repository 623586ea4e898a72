#include "websocket/deflate_parameters.hpp"

#include <gtest/gtest.h>

#include "http/request_reader.hpp"

namespace chorus::websocket {
namespace {

constexpr DeflateSettings enabled{.enabled = true};
constexpr DeflateSettings with_takeover{.enabled = true, .context = Context::taken_over};

http::Request offering(std::string const& value) {
  return http::read_request("GET / HTTP/1.1\r\nHost: a\r\nSec-WebSocket-Extensions: " + value + "\r\n\r\n").value();
}

/// The header of the answer; "400" for a header that is refused.
std::string answer(std::string const& offer, DeflateSettings const& settings = enabled) {
  auto const agreement = negotiate_deflate(offering(offer), settings);
  if (!agreement) return std::to_string(status_of(agreement.error()));
  EXPECT_EQ(agreement->header.empty(), !agreement->parameters);
  return agreement->header;
}

DeflateParameters agreed(std::string const& offer, DeflateSettings const& settings = enabled) {
  return negotiate_deflate(offering(offer), settings).value().parameters;
}

TEST(DeflateParameters, are_agreed_without_context_unless_the_server_wants_it) {
  auto const none = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
  EXPECT_EQ(answer("permessage-deflate"), none);
  // What browsers and `ws` offer.
  EXPECT_EQ(answer("permessage-deflate; client_max_window_bits"), none);
  EXPECT_EQ(agreed("permessage-deflate; client_max_window_bits"),
            (DeflateParameters{15, 15, Context::none, Context::none}));
  EXPECT_EQ(answer("permessage-deflate", with_takeover), "permessage-deflate");
  EXPECT_EQ(agreed("permessage-deflate", with_takeover),
            (DeflateParameters{15, 15, Context::taken_over, Context::taken_over}));
}

TEST(DeflateParameters, follow_a_client_that_wants_no_context) {
  EXPECT_EQ(answer("permessage-deflate; server_no_context_takeover", with_takeover),
            "permessage-deflate; server_no_context_takeover");
  EXPECT_EQ(answer("permessage-deflate; client_no_context_takeover", with_takeover),
            "permessage-deflate; client_no_context_takeover");
  EXPECT_EQ(agreed("permessage-deflate; client_no_context_takeover", with_takeover),
            (DeflateParameters{15, 15, Context::taken_over, Context::none}));
}

TEST(DeflateParameters, have_the_smaller_one_of_two_windows) {
  EXPECT_EQ(answer("permessage-deflate; server_max_window_bits=10", with_takeover),
            "permessage-deflate; server_max_window_bits=10");
  EXPECT_EQ(answer("permessage-deflate; server_max_window_bits=\"8\"", with_takeover),
            "permessage-deflate; server_max_window_bits=8");
  EXPECT_EQ(answer("permessage-deflate; server_max_window_bits=15", with_takeover), "permessage-deflate");
  EXPECT_EQ(answer("permessage-deflate; client_max_window_bits=9", with_takeover),
            "permessage-deflate; client_max_window_bits=9");

  DeflateSettings small = with_takeover;
  small.server_window_bits = 12;
  small.client_window_bits = 11;
  EXPECT_EQ(answer("permessage-deflate", small), "permessage-deflate; server_max_window_bits=12");
  EXPECT_EQ(agreed("permessage-deflate", small).client_window_bits, 15) << "a client that cannot be told";
  EXPECT_EQ(answer("permessage-deflate; client_max_window_bits", small),
            "permessage-deflate; server_max_window_bits=12; client_max_window_bits=11");
  EXPECT_EQ(answer("permessage-deflate; client_max_window_bits=10; server_max_window_bits=14", small),
            "permessage-deflate; server_max_window_bits=12; client_max_window_bits=10");
}

TEST(DeflateParameters, pass_over_offers_that_the_standard_declines) {
  for (Bytes const wrong : {
           "permessage-deflate; unknown",
           "permessage-deflate; server_no_context_takeover=1",
           "permessage-deflate; client_no_context_takeover=true",
           "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
           "permessage-deflate; server_max_window_bits",
           "permessage-deflate; server_max_window_bits=7",
           "permessage-deflate; server_max_window_bits=16",
           "permessage-deflate; server_max_window_bits=010",
           "permessage-deflate; server_max_window_bits=+9",
           "permessage-deflate; server_max_window_bits=9; server_max_window_bits=9",
           "permessage-deflate; client_max_window_bits=x",
           "permessage-deflate; client_max_window_bits; client_max_window_bits",
           "x-webkit-deflate-frame",
           "permessage-bzip2; client_max_window_bits",
       }) {
    EXPECT_EQ(answer(std::string(wrong)), "") << wrong;
    EXPECT_EQ(answer(std::string(wrong) + ", permessage-deflate; server_max_window_bits=9"),
              "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9")
        << wrong;
  }
}

TEST(DeflateParameters, take_the_first_offer_of_all_headers) {
  auto const request = http::read_request(
                           "GET / HTTP/1.1\r\nHost: a\r\nSec-WebSocket-Extensions: foo; bar=\"b\\az\"\r\n"
                           "Sec-WebSocket-Extensions: , permessage-deflate ;server_max_window_bits = 12,,\r\n"
                           "sec-websocket-extensions: permessage-deflate\r\n\r\n")
                           .value();
  auto const agreement = negotiate_deflate(request, with_takeover);
  ASSERT_TRUE(agreement);
  EXPECT_EQ(agreement->header, "permessage-deflate; server_max_window_bits=12");
}

TEST(DeflateParameters, refuse_what_is_no_list_of_extensions) {
  for (Bytes const wrong : {"permessage-deflate; =9", "permessage-deflate;", "a b", "a; b=", "a; b=\"c", "a; b=\"\"",
                            "a; b=\"c d\"", "a; b=\"c\\", "=", ";", "a; b==c", "\"a\""}) {
    EXPECT_EQ(answer(std::string(wrong)), "400") << wrong;
    EXPECT_EQ(answer("permessage-deflate, " + std::string(wrong)), "400") << wrong;
    EXPECT_EQ(answer(std::string(wrong), {}), "") << "nobody looks";
  }
}

TEST(DeflateParameters, are_none_where_nothing_is_offered_or_enabled) {
  EXPECT_EQ(answer(""), "");
  EXPECT_EQ(answer("permessage-deflate", {}), "");
  auto const plain = http::read_request("GET / HTTP/1.1\r\nHost: a\r\n\r\n").value();
  EXPECT_FALSE(negotiate_deflate(plain, enabled).value().parameters);
}

}  // namespace
}  // namespace chorus::websocket
