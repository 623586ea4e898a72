#include "app/certificate_watch.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "support/certificates.hpp"

namespace chorus::app {
namespace {

using namespace std::chrono_literals;

TEST(CertificateWatch, sees_a_file_that_is_written_replaced_removed_or_comes_back) {
  tls_test::Folder const folder;
  TlsSettings settings;
  settings.certificate.chain_file = folder.write("chain", "1");
  settings.certificate.key_file = folder.write("key", "1");
  settings.client_ca_file = folder.write("ca", "1");
  TimePoint now{};
  CertificateWatch watch(settings, 10s, now);
  auto const next = [&] {
    EXPECT_EQ(watch.next_look(), now + 10s);
    return watch.sees_change(now += 10s);
  };
  EXPECT_FALSE(next());
  folder.write("key", "22");
  EXPECT_FALSE(watch.sees_change(now + 9s)) << "it is not time";
  EXPECT_TRUE(next());
  EXPECT_FALSE(next());
  std::filesystem::rename(folder.write("new", "1"), settings.client_ca_file);
  EXPECT_TRUE(next());
  std::filesystem::remove(settings.certificate.chain_file);
  EXPECT_TRUE(next());
  EXPECT_FALSE(next());
  folder.write("chain", "1");
  EXPECT_TRUE(next());
}

TEST(CertificateWatch, never_looks_where_there_is_nothing_to_see_or_nobody_wants_to) {
  EXPECT_EQ(CertificateWatch({}, 10s, TimePoint()).next_look(), std::nullopt);
  TlsSettings settings;
  settings.certificate.pfx_file = "some.pfx";
  EXPECT_EQ(CertificateWatch(settings, 0s, TimePoint()).next_look(), std::nullopt);
}

TEST(CertificateWatch, speaks_of_options_as_the_command_line_has_them) {
  EXPECT_EQ(in_words_of_command_line("tls.certificate.key_file: 'a' is bad"), "--tls-key: 'a' is bad");
  EXPECT_EQ(in_words_of_command_line("tls.further[3].chain_file: 'a' is bad"), "--tls-further: 'a' is bad");
  EXPECT_EQ(in_words_of_command_line("port 1 is taken"), "port 1 is taken");
}

}  // namespace
}  // namespace chorus::app
